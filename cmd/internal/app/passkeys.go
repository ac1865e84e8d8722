package app

import (
	"net/url"

	"roster/auth/factor"
)

// passkeys fills in for which site passkeys are made: that of the public URL, or
// this machine.
func (c Config) passkeys() factor.RelyingPartyConfig {
	p := c.Passkeys
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" {
		public = &url.URL{Scheme: "http", Host: "localhost"}
	}
	if p.ID == "" {
		p.ID = public.Hostname()
		if len(p.Origins) == 0 {
			p.Origins = []string{public.Scheme + "://" + public.Host}
		}
	}
	if len(p.Origins) == 0 {
		p.Origins = []string{"https://" + p.ID}
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	return p
}
