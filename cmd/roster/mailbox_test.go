package main

import (
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// mailbox is a real SMTP server on loopback that takes the mails to everybody.
type mailbox struct {
	port int

	mu       sync.Mutex
	texts    map[string]chan string // by address
	subjects []string               // "address: subject", in the order of arrival
}

func startMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{texts: map[string]chan string{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{mailbox: m}, nil }))
	server.Domain = "localhost"
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m.port = listener.Addr().(*net.TCPAddr).Port
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-served
	})
	return m
}

// to returns the texts of the mails to an address.
func (m *mailbox) to(address string) chan string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts[address] == nil {
		m.texts[address] = make(chan string, 100)
	}
	return m.texts[address]
}

// delivery is a connection that brings mails.
type delivery struct {
	mailbox *mailbox
	address string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Reset()                               {}
func (d *delivery) Logout() error                        { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.address = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	text, err := plainText(message)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	d.mailbox.to(d.address) <- text
	d.mailbox.mu.Lock()
	defer d.mailbox.mu.Unlock()
	d.mailbox.subjects = append(d.mailbox.subjects, d.address+": "+subject)
	return nil
}

// plainText returns the first part of a mail in several forms, which is for those
// who do not read HTML.
func plainText(message *mail.Message) (string, error) {
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	part, err := multipart.NewReader(message.Body, parameters["boundary"]).NextRawPart()
	if err != nil {
		return "", err
	}
	if media, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); media != "text/plain" {
		return "", errors.New("the first part is " + media)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	return string(text), err
}
