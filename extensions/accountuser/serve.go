package accountuser

import (
	"roster/auth/factor"
	"roster/extensions"
	"roster/extensions/accountuser/api"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
)

// serve makes the companion API of a server, lets in machines with their personal
// access tokens and as clients of the token endpoint, and decides what users may do
// by other tokens that are theirs.
func (p *parts) serve(h extensions.Host) extensions.Service {
	users := p.model.Users(h)
	users.Verifier, users.Grants = p.invitations, p.grants
	secrets := credentials.New(credentials.Config{
		Users:        users,
		Hasher:       p.Hasher,
		Key:          p.key,
		Settings:     p.Protocol,
		Scopes:       p.grants.Scopes,
		RelyingParty: p.relyingParty,
		Notifier:     p.notifier,
		Enqueued:     p.worker.Wake,
		Logger:       p.Logger,
	})
	surface := api.New(api.Config{
		Users:       users,
		Grants:      p.grants.Access(users),
		Credentials: secrets,
		Invitations: &invitations.Invitations{Issuer: p.invitations, Users: users, Settings: p.Protocol},
		Events:      events.Log{Store: h.Store},
		Protocol:    p.Protocol,
		Account:     p.Describe,
		Routes:      p.Routes,
		Codes:       p.Codes,
	}).Surface()
	return extensions.Service{
		Surface:       &surface,
		Authenticator: credentials.Authenticator{Credentials: secrets},
		Admit:         secrets.Admit,
		Clients:       credentials.Clients{Credentials: secrets},
		Close:         secrets.Close,
	}
}

// relyingParty is the same for every account, but for the name that people see.
func (p *parts) relyingParty(s model.Settings) factor.RelyingPartyConfig {
	c := p.Passkeys
	if s.Name != "" {
		c.Name = s.Name
	}
	return c
}
