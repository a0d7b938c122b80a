// Package model describes the operations of IAM and STS as AWS's service models do, beyond Go's types: which
// members are required, which values they may have, which members are secret, which errors exist, and their
// HTTP statuses.
//
// [Lookup] and [All] return operations. [Validate] checks an SDK input as the service does, with the
// service's messages. [Clone] copies a value. [Parameters] and [ResponseElements] return inputs and outputs
// in the form of CloudTrail. [LookupError] returns the error of a code.
//
// The table is generated from the models in version 1.55.8 of the AWS SDK for Go (api-2.json, docs-2.json and
// paginators-1.json of iam/2010-05-08 and sts/2011-06-15), Copyright 2015 Amazon.com, Inc. or its affiliates, under the
// Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0). The table has another form than
// the models, and of the documentation only the first sentences. These are the last models that AWS published
// as a Go module. The table lacks later additions: Lookup does not find a new operation, Validate refuses a
// new member that is set, and Parameters and ResponseElements never write one.
//
// The package knows nothing about an account. The engine checks, for example, whether a document is a policy
// and whether a name exists already.
package model
