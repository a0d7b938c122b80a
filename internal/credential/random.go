package credential

import "crypto/rand"

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never returns an error: it ends the program if the system has no random bytes
	return b
}
