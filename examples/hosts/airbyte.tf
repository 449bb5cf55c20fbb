# The connector and a destination in a self-managed Airbyte, with Airbyte's Terraform provider.
terraform {
  required_providers {
    airbyte = {
      source = "airbytehq/airbyte"
    }
  }
}

variable "workspace_id" {
  type = string
}

variable "fincome_api_key" {
  type      = string
  sensitive = true
}

resource "airbyte_destination_definition" "fincome" {
  name              = "Fincome"
  workspace_id      = var.workspace_id
  docker_repository = "ghcr.io/destination-fincome/destination-fincome"
  docker_image_tag  = "0.1.0"
  documentation_url = "https://destination-fincome.github.io/destination-fincome/install-airbyte/"
}

resource "airbyte_destination_custom" "fincome" {
  name          = "Fincome"
  workspace_id  = var.workspace_id
  definition_id = airbyte_destination_definition.fincome.id
  configuration = jsonencode({
    api_key = var.fincome_api_key
  })
}
