package policy

import (
	"fmt"
	"strings"
)

// ARN is an Amazon Resource Name: six fields, the last of which may itself
// hold colons (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN takes an ARN apart. It asks for the six fields and nothing else:
// partition, service and the rest are for the caller to judge.
func ParseARN(text string) (ARN, error) {
	fields := strings.SplitN(text, ":", 6)
	if fields[0] != "arn" {
		return ARN{}, fmt.Errorf("%s is no ARN: it does not begin with \"arn:\"", Quote(text))
	}
	if len(fields) < 6 {
		return ARN{}, fmt.Errorf("%s is no ARN: it has %d of the six fields of arn:partition:service:region:account:resource", Quote(text), len(fields))
	}
	return ARN{fields[1], fields[2], fields[3], fields[4], fields[5]}, nil
}

// String is the ARN as text.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}
