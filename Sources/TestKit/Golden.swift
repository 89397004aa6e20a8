import Foundation

/// One expected answer of another runtime: a network, a picture at network size, and the raw outputs.
public struct GoldenCase: Sendable, CustomStringConvertible {
  public let model: String
  public let width: Int
  public let height: Int
  public let mean: [Float]
  public let scale: [Float]
  public let color: String
  public let layout: String
  /// The network takes bytes as they are: it is quantised throughout.
  public let isQuantised: Bool
  /// The picture, red first, `height * width * 3` bytes.
  public let rgb: [UInt8]
  /// Expected outputs by name, as floats.
  public let outputs: [String: [Float]]

  public var description: String { model.split(separator: "/").last.map(String.init) ?? model }

  /// All cases of the data folder; empty without it.
  public static let all: [GoldenCase] = TestData.isThere ? load() : []

  /// Archives and pictures are opened by the tools that made them; what comes out is plain numbers.
  private static func load() -> [GoldenCase] {
    let scratch = TemporaryFolder()
    let folder = TestData.path("_golden")
    let unpacked = shell(["/usr/bin/python3", "-c", unpack, folder, scratch.path])
    guard unpacked.status == 0, let data = FileManager.default.contents(atPath: folder + "/golden.json"),
      let cases = try? JSONSerialization.jsonObject(with: data) as? [[String: Any]]
    else { fatalError("the golden answers cannot be read: \(unpacked.errors)") }
    return cases.enumerated().map { number, raw in
      let preprocess = raw["preprocess"] as! [String: Any]
      let outputs = raw["outputs"] as! [String: Any]
      var expected: [String: [Float]] = [:]
      for name in outputs.keys {
        expected[name] = floats(scratch.file("\(number).\(name.replacingOccurrences(of: "/", with: "|"))"))
      }
      return GoldenCase(
        model: raw["model"] as! String, width: raw["width"] as! Int, height: raw["height"] as! Int,
        mean: numbers(preprocess["mean"]), scale: numbers(preprocess["scale"]),
        color: (preprocess["color"] as! String).lowercased(), layout: preprocess["layout"] as! String,
        isQuantised: preprocess["dtype"] as? String == "uint8",
        rgb: picture(folder + "/" + (raw["input_png"] as! String), scratch), outputs: expected)
    }
  }

  private static let unpack = """
    import json, sys, numpy
    folder, out = sys.argv[1:]
    for number, case in enumerate(json.load(open(folder + "/golden.json"))):
      arrays = numpy.load(folder + "/" + case["expected_npz"])
      for name in arrays.files:
        arrays[name].astype("<f4").tofile(f"{out}/{number}.{name}")
    """

  private static func picture(_ png: String, _ scratch: TemporaryFolder) -> [UInt8] {
    let raw = scratch.file("picture.rgb")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-i", png, "-f", "rawvideo", "-pix_fmt", "rgb24", raw])
    return FileManager.default.contents(atPath: raw).map { Array($0) } ?? []
  }

  private static func floats(_ path: String) -> [Float] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  private static func numbers(_ raw: Any?) -> [Float] { (raw as? [Double] ?? []).map { Float($0) } }
}
