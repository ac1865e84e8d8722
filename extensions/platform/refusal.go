package platform

import (
	"errors"
	"net/http"

	"roster/auth/registry"
	"roster/extensions/rest"
)

// refused says an error of the registry in the words of the API. Its messages are
// made for those who set things, and hold no secrets.
func refused(err error) error {
	switch {
	case errors.Is(err, registry.ErrInvalid):
		return rest.Refuse(http.StatusBadRequest, "invalid_value", "%v", err)
	case errors.Is(err, registry.ErrNotFound):
		return notFound()
	case errors.Is(err, registry.ErrTaken):
		return rest.Refuse(http.StatusConflict, "uniqueness", "%v", err)
	}
	return err
}

// notFound is the same for what is not there and for what is another account's.
func notFound() error {
	return rest.Refuse(http.StatusNotFound, "not_found", "there is no such thing here; look at the lists")
}
