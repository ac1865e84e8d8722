package notify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/receiver"
)

// TestSign: the example of the libraries of Standard Webhooks.
func TestSign(t *testing.T) {
	key, err := receiver.SigningKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)))
}
