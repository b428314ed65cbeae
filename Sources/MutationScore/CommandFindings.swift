internal import Foundation

/// Errors and warnings of a report of `fibertrace verify --format json`.
struct CommandFindings {
  private struct Report: Decodable {
    struct File: Decodable {
      var failure: String?
      var findings: [Finding]
    }

    struct Finding: Decodable {
      var rule: String
      var severity: String
      var pc: String?
    }

    var files: [File]
  }

  /// By rule and address.
  private let found: Set<String>

  init(json: String) throws {
    let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
    var found: Set<String> = []
    for file in report.files {
      // A file that cannot be read is found wrong as well.
      if file.failure != nil { found.insert("failure") }
      for finding in file.findings where finding.severity != "note" {
        found.insert("\(finding.rule) \(finding.pc ?? "")")
      }
    }
    self.found = found
  }

  /// There is one that `known` has not.
  func exceed(_ known: CommandFindings?) -> Bool { !found.isSubset(of: known?.found ?? []) }
}
