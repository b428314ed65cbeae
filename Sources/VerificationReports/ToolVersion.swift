/// The version of this package, which `fibertrace --version` and SARIF's `tool` name.
package let toolVersion = "0.1.0"
