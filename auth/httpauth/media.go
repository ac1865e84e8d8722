package httpauth

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// SendsJSON reports whether the body of a request is JSON in UTF-8 under one of
// the media types. One that does not say what it is, is taken for it.
func SendsJSON(r *http.Request, media ...string) bool {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return true
	}
	sent, parameters, err := mime.ParseMediaType(header)
	charset := parameters["charset"]
	return err == nil && slices.Contains(media, sent) && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
