package registry

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// AdmitsMail reports whether an address, such as "babs@example.com", may be that
// of a user: whether its domain is one of MailDomains. A sub-domain of one is
// another domain. Where none is set, it may be anything.
func (s Settings) AdmitsMail(address string) bool {
	if len(s.MailDomains) == 0 {
		return true
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return false
	}
	domain, err := normaliseDomain(address[at+1:])
	return err == nil && slices.Contains(s.MailDomains, domain)
}

func normaliseDomains(texts []string) ([]string, error) {
	if len(texts) > maxMailDomains {
		return nil, tooMany("mail domains", len(texts), maxMailDomains)
	}
	var domains []string
	for _, text := range texts {
		domain, err := normaliseDomain(text)
		if err != nil {
			return nil, err
		}
		if slices.Contains(domains, domain) {
			return nil, repeated("mail domain", text)
		}
		domains = append(domains, domain)
	}
	return domains, nil
}

// normaliseDomain returns the ASCII form of a domain, in lower case, by which two
// spellings of it are the same (RFC 5890 section 2.3.2.4).
func normaliseDomain(text string) (string, error) {
	const most = 1000 // bytes; ToASCII of more is work for nothing
	domain, err := "", errors.New("too long, or no text")
	if len(text) <= most && utf8.ValidString(text) {
		domain, err = idna.New(
			idna.MapForLookup(),
			idna.BidiRule(),
			idna.StrictDomainName(true),
			idna.VerifyDNSLength(true),
			idna.Transitional(false),
		).ToASCII(text)
	}
	if err != nil || strings.HasSuffix(domain, ".") {
		return "", invalid("mail domain", text, "a domain such as example.com, without @ and *")
	}
	return domain, nil
}
