// Package factor makes and checks the credentials of users beside the password:
//
//   - one-time tokens, which go out in links ([Use.Mint]), and one-time codes, which
//     are typed ([NewCode], [NewRecoveryCodes], [Key.HashCode])
//   - codes of an authenticator app ([NewTOTP], [VerifyTOTP])
//   - passkeys and security keys ([RelyingParty])
//   - secrets, access tokens and RSA keys of machines ([MachineToken], [ParseKey],
//     [KeyFile], [ClientID])
//
// It promises: everything is a function of its arguments and of random bytes;
// nothing is stored, logged or remembered, and the time is an argument. What comes
// from outside is bounded before it is read. Comparisons take a time that does not
// depend on where the two differ.
//
// So what makes a credential be used only once, expire, or give up after some
// wrong guesses is the caller's: it stores what is returned here, and takes it
// away again.
package factor
