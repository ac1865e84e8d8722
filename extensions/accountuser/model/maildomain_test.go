package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
)

func TestAdmitsMail(t *testing.T) {
	s := model.Settings{MailDomains: []string{"example.com", "xn--bcher-kva.example"}}
	for address, admitted := range map[string]bool{
		"ada@example.com":               true,
		"ada@EXAMPLE.com":               true,
		"ADA@Example.COM":               true,
		"ada@bücher.example":            true,
		"ada@BÜCHER.example":            true,
		"ada@xn--bcher-kva.example":     true,
		"ada@XN--BCHER-KVA.example":     true,
		`"ada@evil.org"@example.com`:    true,
		`"a\"b@evil.org"@example.com`:   true,
		"ada@sub.example.com":           false,
		"ada@myexample.com":             false,
		"ada@example.com.evil.org":      false,
		"ada@example.com@evil.org":      false,
		"ada@evil.org@example.com":      false,
		`"ada"@evil.org"@example.com`:   false,
		`"ada@example.com"@evil.org`:    false,
		"ada@evil.org (@example.com":    false,
		"ada@example.com.":              false,
		"ada@example.com ":              false,
		"ada@ｅｘａｍｐｌｅ.com":               true,  // wide letters are mapped (RFC 5895)
		"ada@exаmple.com":               false, // Cyrillic а
		"ada@":                          false,
		"@example.com":                  false,
		"example.com":                   false,
		"":                              false,
		"ada@example.com\n@example.com": false,
	} {
		require.Equal(t, admitted, s.AdmitsMail(address), address)
	}
	require.True(t, model.Settings{}.AdmitsMail("whatever"))
}

// TestTrap1MailDomains: the rule holds for what a change brings, on every way in,
// and leaves what was there before.
func TestTrap1MailDomains(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		old := s.posted(`{"userName":"old@former.example","emails":[{"value":"old@former.example"}]}`).ID()
		s.settings.MailDomains = []string{"example.com"}
		id := s.posted(`{"userName":"ada","emails":[{"value":"Ada@EXAMPLE.com"}]}`).ID()
		before := s.view(id)
		refused := map[string]func() error{
			"POST e-mail": func() error { _, err := s.post(`{"userName":"x","emails":[{"value":"x@evil.org"}]}`); return err },
			"POST 2nd": func() error {
				_, err := s.post(`{"userName":"x","emails":[{"value":"x@example.com"},{"value":"x@sub.example.com"}]}`)
				return err
			},
			"POST user name": func() error { _, err := s.post(`{"userName":"x@evil.org"}`); return err },
			"POST wide sign": func() error { _, err := s.post(`{"userName":"x＠evil.org"}`); return err },
			"PUT":            func() error { return s.put(id, `{"userName":"ada","emails":[{"value":"ada@evil.org"}]}`) },
			"PUT user name":  func() error { return s.put(id, `{"userName":"ada@evil.org"}`) },
			"PATCH add": func() error {
				return s.patch(id, `{"op":"add","path":"emails","value":[{"value":"ada@evil.org","type":"home"}]}`)
			},
			"PATCH value": func() error {
				return s.patch(id, `{"op":"replace","path":"emails[value co \"ada\"].value","value":"ada@evil.org"}`)
			},
			"PATCH name": func() error { return s.patch(id, `{"op":"replace","path":"userName","value":"ada@evil.org"}`) },
			"add": func() error {
				_, err := s.add(func(n *model.NewUser) { n.Email = model.Say("x@evil.org") })
				return err
			},
			"add user name": func() error {
				_, err := s.add(func(n *model.NewUser) { n.Email, n.UserName = model.Say("x@example.com"), model.Say("x@evil.org") })
				return err
			},
			"change e-mail": func() error { _, err := s.ChangeEmail(s.ctx, s.api, id, "ada@evil.org", true, nil); return err },
			"patch second": func() error {
				_, err := s.Patch(s.ctx, s.api, id, model.UserPatch{SecondaryEmail: model.Say("ada@evil.org")}, nil)
				return err
			},
		}
		for name, change := range refused {
			err := change()
			require.Error(t, err, name)
			requireCode(t, err, 400, model.MailDomain)
			require.True(t, before.Equal(s.view(id).Resource), name)
		}
		for method, data := range map[string]string{
			"POST":  `{"userName":"x","emails":[{"value":"x@evil.org"}]}`,
			"PUT":   `{"userName":"ada","emails":[{"value":"x@evil.org"}]}`,
			"PATCH": `{"Operations":[{"op":"replace","path":"userName","value":"x@evil.org"}]}`,
		} {
			path := "/Users"
			if method != "POST" {
				path += "/" + id
			}
			require.ErrorContains(t, s.bulk(method, path, data), "400 invalidValue an e-mail address or user name has a domain", method)
		}

		require.NoError(t, s.patch(old, `{"op":"add","path":"title","value":"Dr"}`), "what was there stays")
		require.NoError(t, s.put(old, `{"userName":"OLD@former.example","emails":[{"value":"Old@former.example"}]}`))
		require.NoError(t, s.patch(old, `{"op":"replace","path":"emails","value":[{"value":"old@example.com"}]}`))
		s.settings.MailDomains = nil
		require.NoError(t, s.patch(old, `{"op":"replace","path":"emails","value":[{"value":"old@σοφοσ.example"}]}`))
		s.settings.MailDomains = []string{"example.com"}
		requireCode(t, s.patch(old, `{"op":"replace","path":"emails","value":[{"value":"old@σοφος.example"}]}`), 400, model.MailDomain)
		require.NoError(t, s.patch(old, `{"op":"replace","path":"emails","value":[{"value":"OLD@Σοφοσ.example"}]}`))
		require.NoError(t, s.delete(old))
		_, err := s.Restore(s.ctx, s.api, old, nil)
		requireCode(t, err, 400, model.MailDomain)
	})
}
