internal import FiberInspection
internal import FrameVerification

/// `result` (§3.27).
struct SARIFResult: Encodable {
  struct Suppression: Encodable {
    var kind = "external"
    var justification: String
  }

  struct Properties: Encodable {
    var pc: String?
    var section: String?
    var sectionOffset: Int?
    var verdict: String
  }

  var ruleId: String
  var ruleIndex: Int?
  var kind: String
  var level: String
  var message: SARIFText
  var locations: [SARIFLocation]
  /// The file that was checked, where the location is in a source file (§3.27.13).
  var analysisTarget: SARIFLocation.Artifact?
  var partialFingerprints: [String: String]
  var baselineState: String?
  var suppressions: [Suppression]?
  var properties: Properties

  init(
    _ finding: ReportedFinding, in file: ReportedFile, _ directory: String?, ruleIndex: Int?, fingerprint: String
  ) {
    ruleId = finding.rule.id
    self.ruleIndex = ruleIndex
    // What is undecided is "open"; only a "fail" has a level (§3.27.9, §3.27.10).
    kind = finding.verdict == .unknown ? "open" : "fail"
    level = finding.verdict == .unknown ? "none" : finding.severity.rawValue
    // Messages are for people, and hold what hostile files say: sentences are printable.
    var text = sentence(finding.explanation)
    if let evidence = finding.story?.evidence {
      text += " " + sentence(evidence.consequence)
      if let remedy = evidence.remedy {
        let place = remedy.after.map { "after the instruction at \(hexadecimal($0))" } ?? "before the first instruction"
        text += " To mend it: \(remedy.directive.escapedForTerminal), \(place)."
      }
    }
    message = SARIFText(text: text)
    let location = SARIFLocation(finding, in: file, directory)
    locations = [location]
    if location.isInSource { analysisTarget = SARIFLocation.Artifact(path: file.path, directory) }
    partialFingerprints = ["functionAndRule/v1": fingerprint]
    switch finding.waiver {
    case .baseline: baselineState = "unchanged"
    case .suppressed(let reason): suppressions = [Suppression(justification: reason)]
    case nil: break
    }
    properties = Properties(
      pc: finding.pc.map(hexadecimal), section: finding.section, sectionOffset: finding.offset,
      verdict: finding.verdict.rawValue)
  }
}

/// `location` (§3.28): a line of source where one is known, else an address of the file.
struct SARIFLocation: Encodable {
  struct Artifact: Encodable {
    var uri: String

    init(path: String, _ directory: String?) { uri = SARIFLocation.uri(of: path, directory) }
  }

  struct Region: Encodable {
    var startLine: Int
  }

  struct Address: Encodable {
    var absoluteAddress: UInt64
    var name: String?
  }

  struct Physical: Encodable {
    var artifactLocation: Artifact
    var region: Region?
    var address: Address?
  }

  struct Logical: Encodable {
    var name: String
    var decoratedName: String?
    var kind = "function"
  }

  var physicalLocation: Physical
  var logicalLocations: [Logical]?
  /// It is a line of source.
  var isInSource: Bool { physicalLocation.region != nil }

  init(_ finding: ReportedFinding, in file: ReportedFile, _ directory: String?) {
    let isInSource = finding.sourceFile?.hasPrefix("/") == true && finding.sourceLine.map { $0 > 0 } == true
    let path = isInSource ? finding.sourceFile ?? file.path : file.path
    physicalLocation = Physical(artifactLocation: Artifact(path: path, directory))
    if isInSource, let line = finding.sourceLine { physicalLocation.region = Region(startLine: line) }
    // JSON's numbers are exact below 2^53.
    if let pc = finding.pc, pc < 1 << 53 {
      physicalLocation.address = Address(absoluteAddress: pc, name: finding.function)
    }
    logicalLocations = finding.function.map { [Logical(name: $0, decoratedName: finding.rawFunction)] }
  }

  /// A path as a URI (RFC 3986): relative to the directory if it lies in it, which code hosts need to find the file.
  fileprivate static func uri(of path: String, _ directory: String?) -> String {
    let path = shortened(path, directory)
    var text = path.hasPrefix("/") ? "file://" : ""
    for byte in path.utf8 {
      let character = Unicode.Scalar(byte)
      let isPlain =
        ("a"..."z").contains(character) || ("A"..."Z").contains(character) || ("0"..."9").contains(character)
        || "-._~/+".unicodeScalars.contains(character)
      if isPlain {
        text.unicodeScalars.append(character)
      } else {
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
