/// What the sample crowd prints with --truth, as far as dumps show it.
struct CrowdTruth: Decodable {
  struct Fiber: Decodable {
    var id: Int
    var name: String?
    var state: String
    var waiting: String?
    var functions: [String]
  }

  var process: Int32
  var fibers: [Fiber]
}
