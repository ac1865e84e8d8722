package platform

import (
	"context"
	"net/http"

	"roster/auth"
	"roster/auth/registry"
	"roster/extensions/rest"
)

func (p *Platform) listTokens(ctx context.Context, q *rest.Request, in struct {
	inAccount
	after
}) (Part[ClientToken], error) {
	a, err := p.account(ctx, q, in.inAccount)
	if err != nil {
		return Part[ClientToken]{}, err
	}
	list, err := p.Registry.ListTokens(ctx, a.ID, in.After, in.Limit)
	return partOf(in.after, list, tokenOf, func(t registry.Token) string { return t.ID }), err
}

func (p *Platform) createToken(ctx context.Context, q *rest.Request, in struct {
	inAccount
	Body NewClientToken
}) (IssuedClientToken, error) {
	a, err := p.account(ctx, q, in.inAccount)
	if err == nil && in.isOwn() {
		err = mayMake(q.Principal, in.Body.Scopes, in.Body.proof)
	}
	if err == nil {
		err = p.mustHave(ctx, a, in.Body.UserID)
	}
	if err != nil {
		return IssuedClientToken{}, err
	}
	return issued(q, in.inAccount)(p.Registry.CreateToken(ctx, in.Body.in(a.ID)))
}

// issued answers with a credential that was just made.
func issued(q *rest.Request, in inAccount) func(registry.Token, auth.Secret, error) (IssuedClientToken, error) {
	return func(t registry.Token, secret auth.Secret, err error) (IssuedClientToken, error) {
		where := "/tokens/" + t.ID
		if !in.isOwn() {
			where = "/accounts/" + t.Account + where
		}
		q.Locate(where)
		return IssuedClientToken{tokenOf(t), secret.Reveal()}, refused(err)
	}
}

// mustHave refuses a user that the account does not have; "" is nobody.
func (p *Platform) mustHave(ctx context.Context, a registry.Account, user string) error {
	if user == "" {
		return nil
	}
	has, err := p.Registry.HasUser(ctx, a.ID, user)
	if err == nil && !has {
		return rest.Refuse(http.StatusBadRequest, "invalid_value", "the account has no user with that userId; send the id that the server gave the user")
	}
	return err
}

// inToken says which credential is meant.
type inToken struct {
	inAccount
	TokenID string `path:"tokenId" doc:"Identifier of the credential"`
}

// token returns the credential that is meant.
func (p *Platform) token(ctx context.Context, q *rest.Request, in inToken) (registry.Token, error) {
	a, err := p.account(ctx, q, in.inAccount)
	if err != nil {
		return registry.Token{}, err
	}
	t, err := p.Registry.Token(ctx, in.TokenID)
	if err == nil && t.Account != a.ID {
		return registry.Token{}, notFound()
	}
	return t, refused(err)
}

func (p *Platform) getToken(ctx context.Context, q *rest.Request, in inToken) (ClientToken, error) {
	t, err := p.token(ctx, q, in)
	return tokenOf(t), err
}

// rotateToken shows the secret of another one that may do the same: so who rotates
// one could have made it.
func (p *Platform) rotateToken(ctx context.Context, q *rest.Request, in struct {
	inToken
	Body ClientRotation
}) (IssuedClientToken, error) {
	t, err := p.token(ctx, q, in.inToken)
	if err == nil && in.isOwn() {
		err = mayMake(q.Principal, t.Scopes, in.Body.proof)
	}
	if err != nil {
		return IssuedClientToken{}, err
	}
	return issued(q, in.inAccount)(p.Registry.RotateToken(ctx, t.ID, in.Body.rotation()))
}

// revokeToken takes any token of the account, also one that may do more than the
// caller, for one that leaked must end; but not the operator's.
func (p *Platform) revokeToken(ctx context.Context, q *rest.Request, in inToken) (rest.None, error) {
	t, err := p.token(ctx, q, in)
	if err == nil && in.isOwn() && (&auth.Principal{Scopes: t.Scopes}).Has(auth.PlatformAdmin) {
		err = rest.Refuse(http.StatusForbidden, "operator_only", "the token administers the server; ask whoever runs it to revoke it")
	}
	if err != nil {
		return rest.None{}, err
	}
	return rest.None{}, refused(p.Registry.RevokeToken(ctx, t.ID))
}
