package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// do calls the method, or asks the server to.
func do[In, Out any](ctx context.Context, c *Conn, operation string,
	method func(*Service, context.Context, In) (Out, error), in In) (out Out, err error) {
	if c.service != nil {
		return method(c.service, asOperator(ctx), in)
	}
	question, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	result, err := c.post(ctx, operation, question)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(result, &out); err != nil {
		return out, fmt.Errorf("the server's answer is not understood: %w", err)
	}
	return out, nil
}

// answer is what the server sends: an error or a result.
type answer struct {
	Error  string          `json:"error,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// ask sends the question of an operation. The body of the answer is to be closed.
func (c *Conn) ask(ctx context.Context, operation string, question []byte) (*http.Response, error) {
	// The host is not used: every connection goes to the socket.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://roster/"+operation, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the running server does not answer: look at its log: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the running server does not know this command (%s): is it of another version?", response.Status)
	}
	return response, nil
}

func (c *Conn) post(ctx context.Context, operation string, question []byte) (json.RawMessage, error) {
	response, err := c.ask(ctx, operation, question)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, brokeOff(err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("the server's answer is not understood: %w", err)
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a.Result, nil
}

func brokeOff(err error) error {
	return fmt.Errorf("the running server broke off: look at its log: %w", err)
}
