package dynamic

import (
	"errors"
	"math/big"
)

// maxNumberBits bounds the numbers that numberText writes digit by digit. Terraform's own numbers have
// 512 bits, but their exponents may be large enough for a text of gigabytes.
const maxNumberBits = 4096

// numberText returns a number's shortest exact decimal text, as jsonencode writes it. Terraform sends a
// number as an integer, a float64 or a decimal string, so the precision of the value received says
// nothing. Widening it to the precision of Terraform's own numbers restores the digits that the author wrote.
func numberText(number *big.Float) (string, error) {
	if number.IsInf() || number.MantExp(nil) > maxNumberBits || number.MantExp(nil) < -maxNumberBits {
		// Writing the number into the message would take as long.
		return "", errors.New("the number is too large or too small to be written out")
	}
	wide := new(big.Float).SetPrec(max(512, number.Prec())).Set(number)
	return wide.Text('f', -1), nil
}
