package platform

import (
	"context"

	"roster/extensions/rest"
)

func (p *Platform) listKeys(ctx context.Context, _ *rest.Request, _ struct{}) (rest.List[SigningKey], error) {
	return rest.ListOf(p.SigningKeys(ctx))
}

func (p *Platform) rotateKeys(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Drop bool `json:"drop" default:"false" doc:"Forget the other keys at once, and with them all tokens that they signed: for a key that has become known"`
	}
}) (rest.List[SigningKey], error) {
	if err := p.RotateSigningKeys(ctx, in.Body.Drop); err != nil {
		return rest.List[SigningKey]{}, err
	}
	return p.listKeys(ctx, q, struct{}{})
}
