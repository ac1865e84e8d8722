package api

import (
	"context"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/rest"
)

// Expiry is when a credential ends.
type Expiry struct {
	ExpiresAt time.Time `json:"expiresAt,omitzero" doc:"Never, if it is absent"`
}

// ClientSecret is the secret of a machine user, shown once.
type ClientSecret struct {
	ClientID     string `json:"clientId" doc:"userId@accountId: the client_id of the token endpoint"`
	ClientSecret string `json:"clientSecret"`
	Expiry
}

func (a *API) newSecret(ctx context.Context, q *rest.Request, in withBody[Expiry]) (ClientSecret, error) {
	s, v, err := a.Credentials.CreateSecret(ctx, q.Call, in.UserID, credentials.NewSecret{Expires: in.Body.ExpiresAt, Granter: q.Principal}, q.If)
	return ClientSecret{s.ClientID, s.Secret.Reveal(), Expiry{rest.ShownTime(s.Expires)}}, tagged(q, v, err)
}

// Key is a key of a machine user, without what is private.
type Key struct {
	ID         string    `json:"id"`
	Type       string    `json:"type" enum:"json"`
	CreatedAt  time.Time `json:"createdAt"`
	LastUsedAt time.Time `json:"lastUsedAt,omitzero" doc:"To the minute; absent if it never was used"`
	Expiry
}

func keyOf(k credentials.Key) Key {
	return Key{k.ID, "json", rest.ShownTime(k.Created), rest.ShownTime(k.Used), Expiry{rest.ShownTime(k.Expires)}}
}

func (a *API) keys(ctx context.Context, q *rest.Request, in struct {
	ofUser
	rest.Window
}) (rest.Page[Key], error) {
	found, total, err := a.Credentials.Keys(ctx, q.Call, in.UserID, in.From, in.Take)
	return rest.PageOf(in.Window, total, rest.Mapped(found, keyOf)), err
}

// ofKeyID is what a route of one key reads.
type ofKeyID struct {
	ofUser
	KeyID string `path:"keyId"`
}

func (a *API) key(ctx context.Context, q *rest.Request, in ofKeyID) (Key, error) {
	k, err := a.Credentials.KeyByID(ctx, q.Call, in.UserID, in.KeyID)
	return keyOf(k), err
}

// NewKey is a key that was just made.
type NewKey struct {
	Key
	KeyDetails string `json:"keyDetails,omitzero" doc:"A key file in base64, which also has the clientId, shown once; absent if the public key was given"`
}

func (a *API) newKey(ctx context.Context, q *rest.Request, in withBody[struct {
	Expiry
	Type      string `json:"type" default:"json" enum:"json"`
	PublicKey string `json:"publicKey,omitzero" minLength:"1" maxLength:"10000" doc:"An RSA key in PEM or as a JWK; if it is absent, a key is made"`
}]) (NewKey, error) {
	var public []byte // nil: a key is made
	if in.Body.PublicKey != "" {
		public = []byte(in.Body.PublicKey)
	}
	k, file, v, err := a.Credentials.CreateKey(ctx, q.Call, in.UserID, credentials.NewKey{Public: public, Expires: in.Body.ExpiresAt, Granter: q.Principal}, q.If)
	q.Locate(pathOf(in.UserID) + "/keys/" + k.ID)
	return NewKey{keyOf(k), file.Reveal()}, tagged(q, v, err)
}

func (a *API) removeKey(ctx context.Context, q *rest.Request, in ofKeyID) (rest.None, error) {
	return changed(q)(a.Credentials.RemoveKey(ctx, q.Call, in.UserID, in.KeyID, q.If))
}

// Token is a personal access token of a machine user, without what opens
// anything.
type Token struct {
	ID         string       `json:"id"`
	Name       string       `json:"name,omitzero"`
	CreatedAt  time.Time    `json:"createdAt"`
	LastUsedAt time.Time    `json:"lastUsedAt,omitzero" doc:"To the minute; absent if it never was used"`
	Scopes     []auth.Scope `json:"scopes"`
	Expiry
}

func tokenOf(t credentials.Token) Token {
	return Token{t.ID, t.Name, rest.ShownTime(t.Created), rest.ShownTime(t.Used), rest.OrEmpty(t.Scopes), Expiry{rest.ShownTime(t.Expires)}}
}

func (a *API) tokens(ctx context.Context, q *rest.Request, in struct {
	ofUser
	rest.Window
}) (rest.Page[Token], error) {
	found, total, err := a.Credentials.Tokens(ctx, q.Call, in.UserID, in.From, in.Take)
	return rest.PageOf(in.Window, total, rest.Mapped(found, tokenOf)), err
}

// ofTokenID is what a route of one token reads.
type ofTokenID struct {
	ofUser
	TokenID string `path:"tokenId"`
}

func (a *API) token(ctx context.Context, q *rest.Request, in ofTokenID) (Token, error) {
	t, err := a.Credentials.Token(ctx, q.Call, in.UserID, in.TokenID)
	return tokenOf(t), err
}

// NewToken is a token that was just made.
type NewToken struct {
	Token
	Secret string `json:"token" doc:"Shown once"`
}

func (a *API) newToken(ctx context.Context, q *rest.Request, in withBody[struct {
	Expiry
	Name   string       `json:"name,omitzero" maxLength:"200"`
	Scopes []auth.Scope `json:"scopes,omitzero" minItems:"1" maxItems:"20" doc:"Among those of the caller; scim, if they are absent"`
}]) (NewToken, error) {
	t, text, v, err := a.Credentials.CreateToken(ctx, q.Call, in.UserID, credentials.NewToken{
		Name: in.Body.Name, Scopes: in.Body.Scopes, Expires: in.Body.ExpiresAt, Granter: q.Principal,
	}, q.If)
	q.Locate(pathOf(in.UserID) + "/tokens/" + t.ID)
	return NewToken{tokenOf(t), text.Reveal()}, tagged(q, v, err)
}

func (a *API) removeToken(ctx context.Context, q *rest.Request, in ofTokenID) (rest.None, error) {
	return changed(q)(a.Credentials.RemoveToken(ctx, q.Call, in.UserID, in.TokenID, q.If))
}
