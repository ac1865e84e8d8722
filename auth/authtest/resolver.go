package authtest

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// NewResolver returns a resolver that knows these names, with one address each, and
// no others. It asks no server.
func NewResolver(t testing.TB, addresses map[string]string) *net.Resolver {
	known := names{}
	for name, text := range addresses {
		address, err := netip.ParseAddr(text)
		require.NoError(t, err)
		known[name+"."] = address
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go known.serve(server)
		return client, nil
	}}
}

type names map[string]netip.Addr

// serve answers as DNS over TCP does: before each message comes its length (RFC 1035
// section 4.2.2).
func (n names) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size uint16
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		text := make([]byte, size)
		var query dnsmessage.Message
		if _, err := io.ReadFull(conn, text); err != nil || query.Unpack(text) != nil {
			return
		}
		answer := n.answer(query)
		text, err := answer.AppendPack(make([]byte, 2))
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(text, uint16(len(text)-2))
		if _, err := conn.Write(text); err != nil {
			return
		}
	}
}

func (n names) answer(query dnsmessage.Message) dnsmessage.Message {
	asked := query.Questions[0]
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true},
		Questions: query.Questions,
	}
	address, found := n[asked.Name.String()]
	header := dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class, TTL: 1}
	switch {
	case !found:
		answer.RCode = dnsmessage.RCodeNameError
	case asked.Type == dnsmessage.TypeA && address.Is4():
		answer.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
	case asked.Type == dnsmessage.TypeAAAA && address.Is6():
		answer.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
	}
	return answer
}
