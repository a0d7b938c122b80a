terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The objects that no configuration manages, with import blocks for them.
data "iam_unmanaged" "all" {}

output "import_blocks" {
  value = join("\n", data.iam_unmanaged.all.objects[*].import_block)
}
