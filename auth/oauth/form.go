package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const (
	formType = "application/x-www-form-urlencoded"
	maxForm  = 64 << 10 // bytes
)

// form are the parameters of a request, which nobody has looked at. One without a
// value is as if it were not there (RFC 6749 section 3.2).
type form map[string]string

// readForm fails with an invalid_request.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || media != formType:
		return nil, invalidRequest("send the parameters as " + formType)
	case r.URL.RawQuery != "":
		return nil, invalidRequest("send the parameters in the body, not in the URL, where others see them")
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return nil, invalidRequest("the body is longer than 64 KiB")
	}
	if err != nil {
		return nil, invalidRequest("the body did not arrive in full")
	}
	return parseForm(string(text))
}

// parseForm fails with an invalid_request: also for what is sent twice (RFC 6749
// section 3.2).
func parseForm(text string) (form, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, invalidRequest("the body is not written as " + formType)
	}
	f := form{}
	for name, sent := range values {
		if len(sent) > 1 {
			return nil, invalidRequest("a parameter is sent more than once")
		}
		if !isVisible(sent[0]) {
			return nil, invalidRequest("a parameter has characters other than those of US-ASCII that can be seen")
		}
		if sent[0] != "" {
			f[name] = sent[0]
		}
	}
	return f, nil
}

// isVisible takes the characters that all parameters here may have (VSCHAR of RFC
// 6749 appendix A).
func isVisible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
