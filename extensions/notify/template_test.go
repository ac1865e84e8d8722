package notify_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

// folder writes files and returns their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

// mailIn is a whole mail with that subject.
func mailIn(place, subject string) map[string]string {
	return map[string]string{
		place + "/invitation.subject.txt": subject + "\n",
		place + "/invitation.txt":         "{{.link}}",
		place + "/invitation.html":        "<a href={{.link}}>x</a>",
	}
}

func merged(maps ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// TestFallback: the reader's language comes first, then the account's templates,
// then the operator's, then the built-in ones.
func TestFallback(t *testing.T) {
	files := merged(mailIn("fr", "operator fr"), mailIn("acme/it-CH", "acme it-CH"), map[string]string{
		"en/invitation.subject.txt":      "operator en",
		"acme/en/invitation.subject.txt": "acme en",
		"de/invitation.subject.txt":      "language de",
		"de/de/invitation.subject.txt":   "account de",
	})
	tests := []struct {
		account, language, accountLanguage string
		subject, used                      string
	}{
		{"acme", "en", "", "acme en", "en"},
		{"acme", "", "", "acme en", "en"},
		{"globex", "en", "", "operator en", "en"},
		{"globex", "de", "", "language de", "de"},
		{"de", "de", "", "account de", "de"},
		{"acme", "de-AT", "", "language de", "de"},
		{"acme", "fr-CA", "", "operator fr", "fr"},
		{"acme", "it-CH", "", "acme it-CH", "it-CH"},
		{"acme", "it", "", "acme en", "en"},
		{"globex", "it-CH", "fr", "operator fr", "fr"},
		{"globex", "", "de-CH", "language de", "de"},
		{"globex", "ja", "ko", "operator en", "en"},
		{"globex", "ja, de;q=0.7, en;q=0.8", "", "operator en", "en"},
	}
	c := complete()
	c.Templates = folder(t, files)
	n := newNotifier(t, c)
	for _, tt := range tests {
		notice := invitation()
		notice.Language = tt.language
		m, err := n.Message(notify.Sender{Name: tt.account, Language: tt.accountLanguage}, notice)
		require.NoError(t, err)
		l := letterOf(t, m)
		require.Equal(t, tt.subject, l.Subject, "%+v", tt)
		require.Equal(t, tt.used, l.Language, "%+v", tt)
	}
}

// TestPartOfAMail: what is not replaced stays, in the same language.
func TestPartOfAMail(t *testing.T) {
	c := complete()
	c.Templates = folder(t, map[string]string{"acme/de/invitation.html": "<p>{{.name}} bei {{.account}}</p>"})
	notice := invitation()
	notice.Language = "de-CH"
	m, err := newNotifier(t, c).Message(sender(), notice)
	require.NoError(t, err)
	l := letterOf(t, m)
	require.Equal(t, "Einladung zu Acme & Sons", l.Subject)
	require.Contains(t, l.Text, "Guten Tag Babs,")
	require.Equal(t, "<p>Babs bei Acme &amp; Sons</p>", l.HTML)
}

// TestBadTemplates: each is found when the server starts, with file and line.
func TestBadTemplates(t *testing.T) {
	tests := []struct {
		name, file, text string
		problem          string
	}{
		{"syntax", "en/invitation.txt", "Hello\n{{.name", "en/invitation.txt:2"},
		{"unknown value", "en/invitation.txt", "Hello\n\n{{.nick}}", "en/invitation.txt:3"},
		{"value of another kind", "en/loginCode.sms.txt", "{{.inviter}}", "en/loginCode.sms.txt:1"},
		{"unknown function", "acme/en/invitation.html", "<p>\n{{shout .name}}", "acme/en/invitation.html:2"},
		{"broken HTML", "en/invitation.html", "<p>\n<a href='{{if .name}}'{{end}}>", "en/invitation.html"},
		{"without a link", "en/invitation.txt", "\n{{slice .link 0 3}}", "en/invitation.txt:2"},
		{"subject of two lines", "en/invitation.subject.txt", "a\nb", "en/invitation.subject.txt"},
		{"no subject", "en/invitation.subject.txt", "\n", "en/invitation.subject.txt"},
		{"long SMS", "en/loginCode.sms.txt", string(make([]byte, 2000)), "en/loginCode.sms.txt"},
		{"unknown kind", "en/birthday.txt", "Hello", "no message has a template of this name"},
		{"part of another channel", "en/phoneVerification.html", "Hello", "no message has a template of this name"},
		{"webhooks have none", "en/event.txt", "Hello", "no message has a template of this name"},
		{"no language", "english-please/invitation.txt", "Hello", `"english-please" is not a language tag`},
		{"language as people write it", "de_ch/invitation.txt", "Hello", `"de_ch" is not a language tag`},
		{"too high", "invitation.txt", "Hello", "not a folder"},
		{"too deep", "acme/en/more/invitation.txt", "Hello", "no message has a template of this name"},
		{"incomplete mail", "fr/invitation.txt", "Bonjour", "fr/invitation.html: is missing"},
		{"incomplete mail of an account", "acme/fr/invitation.html", "Bonjour", "acme/fr/invitation.subject.txt: is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := notify.New(notify.Config{Templates: folder(t, map[string]string{tt.file: tt.text})})
			require.ErrorContains(t, err, filepath.FromSlash(tt.problem))
		})
	}
}

// TestAllBadTemplates: an operator mends everything at once.
func TestAllBadTemplates(t *testing.T) {
	dir := folder(t, map[string]string{"en/invitation.txt": "{{", "de/loginCode.sms.txt": "{{.x}}", "en/x.txt": ""})
	_, err := notify.New(notify.Config{Templates: dir})
	for _, file := range []string{"en/invitation.txt:1", "de/loginCode.sms.txt:1", "en/x.txt"} {
		require.ErrorContains(t, err, filepath.Join(dir, filepath.FromSlash(file)))
	}
}

func TestTemplatesThatAreNotThere(t *testing.T) {
	_, err := notify.New(notify.Config{Templates: filepath.Join(t.TempDir(), "absent")})
	require.ErrorContains(t, err, "absent")
}

// TestMountedFolder: a folder mounted from a configuration has hidden folders,
// and links to them; what is hidden is not read.
func TestMountedFolder(t *testing.T) {
	dir := folder(t, merged(mailIn("..data/fr", "Bienvenue"), map[string]string{".git/x/y": "", "..data/fr/.swap": ""}))
	require.NoError(t, os.Symlink(filepath.Join("..data", "fr"), filepath.Join(dir, "fr")))
	c := complete()
	c.Templates = dir
	notice := invitation()
	notice.Language = "fr"
	m, err := newNotifier(t, c).Message(sender(), notice)
	require.NoError(t, err)
	require.Equal(t, "Bienvenue", letterOf(t, m).Subject)
}

// TestEscaping: a value adds no markup to HTML, and nothing is escaped in text.
func TestEscaping(t *testing.T) {
	notice := invitation()
	notice.Values["name"] = `<script>alert("x")</script>`
	m, err := newNotifier(t, complete()).Message(sender(), notice)
	require.NoError(t, err)
	l := letterOf(t, m)
	require.NotContains(t, l.HTML, "<script>")
	require.Contains(t, l.HTML, "&lt;script&gt;")
	require.Contains(t, l.Text, `<script>alert("x")</script>`)
}

// TestBuiltInLanguages: each language has the same files.
func TestBuiltInLanguages(t *testing.T) {
	names := func(language string) (list []string) {
		entries, err := fs.ReadDir(os.DirFS("templates"), language)
		require.NoError(t, err)
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	require.NotEmpty(t, names("en"))
	require.Equal(t, names("en"), names("de"))
}

// TestEveryKind: each is written in both languages, by each of its channels, with
// a link or with a code.
func TestEveryKind(t *testing.T) {
	n := newNotifier(t, complete())
	link := map[string]string{"link": "https://app.example.com/x", "expires": "2026-03-08T12:00:00Z"}
	code := map[string]string{"code": "t0k3n", "expires": "2026-03-08T12:00:00Z"}
	tests := []struct {
		kind     notify.Kind
		channel  notify.Channel
		withLink bool
	}{
		{notify.Invitation, notify.Mail, true},
		{notify.EmailVerification, notify.Mail, true},
		{notify.PasswordReset, notify.Mail, true},
		{notify.PasskeyLink, notify.Mail, true},
		{notify.LoginCode, notify.Mail, false},
		{notify.PhoneVerification, notify.SMS, false},
		{notify.PasswordReset, notify.SMS, true},
		{notify.LoginCode, notify.SMS, false},
	}
	for _, tt := range tests {
		for _, language := range []string{"en", "de"} {
			notice := notify.Notice{Kind: tt.kind, Channel: tt.channel, Language: language, To: "+431234567", Values: code}
			if tt.channel == notify.Mail {
				notice.To = "babs@example.com"
			}
			m, err := n.Message(sender(), notice)
			require.NoError(t, err)
			l := letterOf(t, m)
			require.Equal(t, language, l.Language)
			require.Contains(t, l.Text, "t0k3n")
			require.NotContains(t, l.Text, "https://")
			if tt.withLink {
				notice.Values = link
				m, err = n.Message(sender(), notice)
				require.NoError(t, err)
				require.Contains(t, letterOf(t, m).Text, link["link"])
			}
		}
	}
}

// TestZone: moments are told in the account's time.
func TestZone(t *testing.T) {
	from := sender()
	from.Zone = time.FixedZone("CET", 3600)
	m, err := newNotifier(t, complete()).Message(from, invitation())
	require.NoError(t, err)
	require.Contains(t, letterOf(t, m).Text, "2026-03-08 13:00 CET")
}
