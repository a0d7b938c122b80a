// Package model is what AWS's service models say of the operations of IAM and STS that Go's types
// do not: which members are required, which values they may have, which are secret, which errors
// there are and with which HTTP status.
//
// [Lookup] and [All] give the operations. [Validate] checks an input of the SDK as the service
// would, with the service's messages. [Clone] copies one. [Parameters] and [ResponseElements] write
// inputs and outputs as CloudTrail does. [LookupError] knows the error codes.
//
// The table is generated from the models in version 1.55.8 of the AWS SDK for Go (api-2.json,
// docs-2.json and paginators-1.json of iam/2010-05-08 and sts/2011-06-15), Copyright 2015
// Amazon.com, Inc. or its affiliates, under the Apache License, Version 2.0
// (https://www.apache.org/licenses/LICENSE-2.0). It was changed in form, and shortened: of the
// documentation, the first sentences are left. These are the last models that come as a Go module.
// What AWS added later is not in the table: an operation is not found, a member that is set is
// refused by Validate and never written by Parameters and ResponseElements.
//
// The package decides nothing about an account: whether a document is a policy, or a name is taken,
// is the engine's to say.
package model
