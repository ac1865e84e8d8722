package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
)

// source is where the keys of an issuer come from.
type source struct {
	issuer string
	client *http.Client
}

// fetch asks the issuer where its keys are, and for them.
func (s source) fetch(ctx context.Context) ([]key, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, s.client), s.issuer)
	if err != nil {
		return nil, fmt.Errorf("discover: %w", brief(err))
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("read discovery: %w", brief(err))
	}
	text, err := s.get(ctx, metadata.Keys)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", brief(err))
	}
	return parseKeys(text)
}

func (s source) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	return io.ReadAll(response.Body)
}

// brief keeps what an issuer answers from filling the log.
func brief(err error) error {
	const most = 300
	if text := err.Error(); len(text) > most {
		return fmt.Errorf("%.*q and more", most, text)
	}
	return err
}
