package receiver_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/receiver"
)

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1":                true,
		"9.255.255.255":          true,
		"11.0.0.0":               true,
		"100.63.255.255":         true,
		"100.128.0.0":            true,
		"172.15.255.255":         true,
		"172.32.0.0":             true,
		"192.167.255.255":        true,
		"223.255.255.255":        true,
		"2606:4700:4700::1111":   true,
		"::ffff:1.1.1.1":         true,
		"64:ff9b::1.1.1.1":       true,
		"0.0.0.0":                false,
		"0.1.2.3":                false,
		"10.0.0.1":               false,
		"100.64.0.1":             false,
		"100.127.255.255":        false,
		"127.0.0.1":              false,
		"127.255.255.254":        false,
		"169.254.169.254":        false,
		"172.16.0.1":             false,
		"172.31.255.255":         false,
		"192.0.0.192":            false,
		"192.168.1.1":            false,
		"198.19.0.1":             false,
		"224.0.0.1":              false,
		"239.255.255.255":        false,
		"240.0.0.1":              false,
		"255.255.255.255":        false,
		"::":                     false,
		"::1":                    false,
		"::7f00:1":               false, // IPv4-compatible
		"::ffff:127.0.0.1":       false,
		"::ffff:10.0.0.1":        false,
		"::ffff:169.254.169.254": false,
		"64:ff9b::10.0.0.1":      false,
		"64:ff9b:1::1":           false,
		"2001:0:a00:1::":         false, // Teredo
		"2002:a00:1::":           false, // 6to4 of 10.0.0.1
		"fc00::1":                false,
		"fd00:ec2::254":          false,
		"fe80::1":                false,
		"fe80::1%eth0":           false,
		"fec0::1":                false,
		"ff02::1":                false,
	} {
		t.Run(address, func(t *testing.T) { require.Equal(t, want, receiver.IsPublic(netip.MustParseAddr(address))) })
	}
	require.False(t, receiver.IsPublic(netip.Addr{}))
}

func TestIsInternal(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost":             true,
		"LocalHost":             true,
		"localhost.":            true,
		"a.localhost":           true,
		"127.0.0.1":             true,
		"127.0.0.1.":            true,
		"::1":                   true,
		"fe80::1%eth0":          true,
		"::ffff:10.0.0.1":       true,
		"169.254.169.254":       true,
		"１２７.０.０.１":             true,
		"127。0。0。1":             true,
		"ｌｏｃａｌｈｏｓｔ":             true,
		"1.1.1.1":               false,
		"2606:4700:4700::1111":  false,
		"localhost.example.com": false,
		"notlocalhost":          false,
		"10.0.0.1.example.com":  false,
		"bücher.example":        false,
		"app_1.example.com":     false,
		"":                      false,
	} {
		t.Run(host, func(t *testing.T) { require.Equal(t, want, receiver.IsInternal(host)) })
	}
}
