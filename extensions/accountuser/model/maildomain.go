package model

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// checkMailDomains holds the e-mail addresses that a change brings, and a user
// name that looks like one, to the domains of the account: all of them where the
// user is restored, because the domains may be others by now.
func checkMailDomains(ctx context.Context, _ storage.Snapshot, c *provider.Change) error {
	settings := SettingsFrom(ctx)
	if len(settings.MailDomains) == 0 {
		return nil
	}
	had := map[string]string{}
	if c.Way != provider.Restore {
		had = addresses(c.Before)
	}
	for folded, address := range addresses(c.After) {
		if had[folded] == "" && !settings.AdmitsMail(address) {
			return Refuse(http.StatusBadRequest, MailDomain,
				"an e-mail address or user name has a domain that this account does not allow; use one of %s", strings.Join(settings.MailDomains, ", "))
		}
	}
	return nil
}

// addresses returns the e-mail addresses of a user by their normal forms, with the
// user name if it looks like one, also to whom wide and narrow signs are the same.
func addresses(r scim.Resource) map[string]string {
	set := map[string]string{}
	for _, e := range r.Get("emails").Elements() {
		if value := e.Get("value").Text(); value != "" {
			set[normalAddress(value)] = value
		}
	}
	if name := r.Get("userName").Text(); strings.Contains(schema.Fold(name), "@") {
		set[normalAddress(name)] = name
	}
	return set
}

// normalAddress is the same for addresses that differ in case only. Domains are
// told apart as the name service does, which knows more of them than comparing
// without regard to case.
func normalAddress(address string) string {
	folded := schema.Fold(address)
	if domain, err := domainOf(address); err == nil {
		return folded + " " + domain
	}
	return folded
}

// AdmitsMail reports whether an e-mail address is in one of the account's
// domains. A sub-domain of one is another domain; where the account has none, any
// is allowed.
func (s Settings) AdmitsMail(address string) bool {
	if len(s.MailDomains) == 0 {
		return true
	}
	domain, err := domainOf(address)
	return err == nil && slices.Contains(s.MailDomains, domain)
}

// domainOf returns the domain of an e-mail address in lower-case ASCII (RFC 5890
// section 2.3.2.4). A second @ is part of the local part, if that is quoted (RFC
// 5321 section 4.1.2); else nobody knows what mail servers make of it.
func domainOf(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > maxAddress {
		return "", errNoAddress
	}
	if local := address[:at]; strings.Contains(local, "@") && !isQuoted(local) {
		return "", errNoAddress
	}
	return hostnames().ToASCII(address[at+1:])
}

func isQuoted(local string) bool {
	return len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"' && !strings.Contains(strings.ReplaceAll(local[1:len(local)-1], `\"`, ""), `"`)
}

// hostnames reads the names of hosts as browsers do, and refuses what is none.
func hostnames() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.Transitional(false))
}
