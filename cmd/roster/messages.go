package main

import (
	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/notify"
)

// messageFlags say how the server delivers what it tells people.
type messageFlags struct {
	SMTPHost     string `name:"smtp-host" env:"ROSTER_SMTP_HOST" placeholder:"HOST" help:"Mail server that takes mails for delivery. Without one, mails stay in the outbox (roster outbox)."`
	SMTPPort     int    `name:"smtp-port" env:"ROSTER_SMTP_PORT" placeholder:"PORT" help:"Its port: 587 unless set, 465 with TLS from the first byte, 25 without TLS."`
	SMTPTLS      string `name:"smtp-tls" env:"ROSTER_SMTP_TLS" placeholder:"MODE" help:"starttls, the default; implicit for TLS from the first byte; none for a server on this machine only."`
	SMTPUser     string `name:"smtp-user" env:"ROSTER_SMTP_USER" placeholder:"USER" help:"User at the mail server; without one, there is no authentication."`
	SMTPPassword string `name:"smtp-password" env:"ROSTER_SMTP_PASSWORD" placeholder:"PASSWORD" help:"Password at the mail server. Give it by the variable: others on this machine can read command lines."`
	SMTPFrom     string `name:"smtp-from" env:"ROSTER_SMTP_FROM" placeholder:"ADDRESS" help:"Sender of all mails, an address or \"Name <address>\"."`
	SMSURL       string `name:"sms-url" env:"ROSTER_SMS_URL" placeholder:"URL" help:"Gateway that takes text messages as JSON. Without one, they stay in the outbox."`
	SMSSecret    string `name:"sms-secret" env:"ROSTER_SMS_SECRET" placeholder:"SECRET" help:"Signs what the gateway gets: whsec_ and the base64 of 24 to 64 bytes. Give it by the variable."`
	Templates    string `env:"ROSTER_TEMPLATES" placeholder:"DIR" help:"Folder of templates that replace the built-in texts of messages, as docs/messages.md explains."`
}

func (f messageFlags) config() notify.Config {
	return notify.Config{
		Templates: f.Templates,
		SMTP: notify.SMTP{Host: f.SMTPHost, Port: f.SMTPPort, TLS: f.SMTPTLS,
			User: f.SMTPUser, Password: auth.Secret(f.SMTPPassword), From: f.SMTPFrom},
		SMS: notify.Gateway{URL: f.SMSURL, Secret: auth.Secret(f.SMSSecret)},
	}
}

// passkeyFlags say for which site passkeys and security keys are made.
type passkeyFlags struct {
	Domain string   `name:"passkey-domain" env:"ROSTER_PASSKEY_DOMAIN" placeholder:"DOMAIN" help:"Domain that passkeys and security keys are bound to, for good; that of the public URL, or localhost, unless set."`
	Origin []string `name:"passkey-origin" env:"ROSTER_PASSKEY_ORIGIN" placeholder:"URL" help:"Site that asks for passkeys, such as https://login.example.com; https:// and the domain unless set. Can be given several times."`
}

func (f passkeyFlags) config() factor.RelyingPartyConfig {
	return factor.RelyingPartyConfig{ID: f.Domain, Origins: f.Origin}
}
