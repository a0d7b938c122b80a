package catalog_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

func TestFind(t *testing.T) {
	for action, want := range map[string]catalog.Result{
		"s3:GetObject":   {},
		"S3:getobject":   {},
		"iam:PassRole":   {},
		"sts:TagSession": {},
		"kms:EnableKey":  {},
		// Actions of this project.
		"iam:CreateAccessAssertion": {},
		"iam:WeakenAccessAssertion": {},
		"iam:AddUser*":              {},
		"iam:*":                     {},
		"*":                         {},
		"*:Gett*":                   {},
		"s?:Nothing":                {},
		"iam:PasRole":               {Status: catalog.Missing, Similar: "iam:PassRole", Typo: true},
		"iam:CreateUserr2":          {Status: catalog.Missing, Similar: "iam:CreateUser"},
		"sts:AssumeNothing":         {Status: catalog.Missing},
		"iam:Crate*":                {Status: catalog.Missing},
		"s3:GetObejct":              {Status: catalog.Unlisted, Similar: "s3:GetObject", Typo: true},
		"S3:GetObjctt":              {Status: catalog.Unlisted, Similar: "s3:GetObject"},
		"s3:LaunchRocket":           {Status: catalog.Unlisted},
		"s3:Launch*":                {Status: catalog.Unlisted},
		"dynmodb:GetItem":           {Status: catalog.UnknownService, Similar: "dynamodb:GetItem", Typo: true},
		"s4:GetObject":              {Status: catalog.UnknownService, Similar: "s3:GetObject"},
		"payroll:Read":              {Status: catalog.UnknownService},
	} {
		if got := catalog.Find(action); got != want {
			t.Errorf("Find(%q) = %+v, want %+v", action, got, want)
		}
	}
}
