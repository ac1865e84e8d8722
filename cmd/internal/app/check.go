package app

import (
	"errors"

	"roster/auth/factor"
	"roster/extensions/notify"
)

// CheckSettings reads what the settings name, and reports everything that would
// keep a server from starting with them, short of opening the data.
func CheckSettings(c Config) error {
	_, _, schemas := CheckSchemas(c.Schemas)
	_, messages := notify.New(c.Messages)
	_, passkeys := factor.NewRelyingParty(c.passkeys())
	_, tls := c.tls()
	return errors.Join(c.Validate(), schemas, messages, passkeys, tls)
}
