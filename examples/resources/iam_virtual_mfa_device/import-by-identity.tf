import {
  to = iam_virtual_mfa_device.alice
  identity = {
    arn = "arn:aws:iam::000000000000:mfa/alice-phone"
  }
}
