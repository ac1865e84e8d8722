package credentials

import (
	"net/http"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/password"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

// Import is what a new user brings from another system. What is empty is not
// brought.
type Import struct {
	PasswordHash  auth.Secret   // in a form of password.Imported
	TOTP          auth.Secret   // the secret of an authenticator app, in base32
	RecoveryCodes []auth.Secret // at most 20, of 8 to 64 letters and digits
	// PasskeyLink asks for a link by which the user registers a passkey.
	PasskeyLink bool
}

const maxImportedCodes = 20

// Import puts what a new user brings into its creation, which says the kind of the
// user before. The link is zero unless it was asked for. It fails with wrong_type,
// password_hash, or 400 invalidValue.
func (c *Credentials) Import(d *model.Draft, i Import) (link Link, err error) {
	if i.PasswordHash == "" && i.TOTP == "" && len(i.RecoveryCodes) == 0 && !i.PasskeyLink {
		return Link{}, nil
	}
	if err := d.MustBe(model.Human); err != nil {
		return Link{}, err
	}
	if err := importPassword(d, i.PasswordHash); err != nil {
		return Link{}, err
	}
	if err := c.importTOTP(d, i.TOTP); err != nil {
		return Link{}, err
	}
	if err := c.importRecoveryCodes(d, i.RecoveryCodes); err != nil {
		return Link{}, err
	}
	if i.PasskeyLink {
		link, err = c.addLink(d, Passkey)
	}
	return link, err
}

func importPassword(d *model.Draft, hash auth.Secret) error {
	if hash == "" {
		return nil
	}
	canonical, err := password.Imported(hash.Reveal())
	if err != nil {
		return model.Refuse(http.StatusBadRequest, model.PasswordHash, "%v", err)
	}
	d.View = d.With("passwordSet", scim.BoolValue(true))
	d.Sides = append(d.Sides, storage.Side{ID: d.ID, Name: model.SidePassword, Data: []byte(canonical)})
	return nil
}

func (c *Credentials) importTOTP(d *model.Draft, secret auth.Secret) error {
	if secret == "" {
		return nil
	}
	canonical, err := factor.ImportedTOTP(secret)
	if err != nil {
		return scim.BadRequest(scim.InvalidValue, "otpSecret is not usable: %v", err)
	}
	c.putTOTP(d, canonical, stateReady)
	return nil
}

func (c *Credentials) importRecoveryCodes(d *model.Draft, codes []auth.Secret) error {
	if len(codes) == 0 {
		return nil
	}
	if len(codes) > maxImportedCodes {
		return scim.BadRequest(scim.InvalidValue, "there are %d recovery codes; at most %d can be imported", len(codes), maxImportedCodes)
	}
	for i, code := range codes {
		if !factor.ImportableCode(code) {
			return scim.BadRequest(scim.InvalidValue, "recovery code %d is not 8 to 64 letters and digits", i+1)
		}
	}
	c.putRecoveryCodes(d, codes)
	return nil
}
