package policy

import (
	"fmt"
	"strings"
)

// ARN is an Amazon Resource Name. It has six fields, and the last one may itself contain colons
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN splits an ARN into its fields. It checks only that there are six of them; the caller judges
// their contents.
func ParseARN(text string) (ARN, error) {
	fields := strings.SplitN(text, ":", 6)
	if fields[0] != "arn" {
		return ARN{}, fmt.Errorf("%s is not an ARN: it does not begin with \"arn:\"", Quote(text))
	}
	if len(fields) < 6 {
		return ARN{}, fmt.Errorf("%s is not an ARN: it has %d of the six fields of "+
			"arn:partition:service:region:account:resource", Quote(text), len(fields))
	}
	return ARN{fields[1], fields[2], fields[3], fields[4], fields[5]}, nil
}

// String returns the ARN as text.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}
