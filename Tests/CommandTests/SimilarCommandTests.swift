import Foundation
import TestKit
import Testing

/// Searches by likeness: of a folder, and of the server that serves it.
struct SimilarCommandTests {
  private let folder = TemporaryFolder()

  /// A network that gives the mean colours of four quarters of a picture: twelve numbers.
  private func writeModel() throws {
    let place = folder.file("models/quarters")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(3), .fixed(16), .fixed(16)])
    network.output("y", .float, [.fixed(1), .fixed(12)])
    network.node(
      "AveragePool", ["x"], ["p"],
      attributes: [
        ONNXNetwork.attribute("kernel_shape", integers: [8, 8]), ONNXNetwork.attribute("strides", integers: [8, 8]),
      ])
    network.node("Flatten", ["p"], ["y"], attributes: [ONNXNetwork.attribute("axis", integer: 1)])
    try network.write(to: "\(place)/quarters.onnx")
    try Data(
      """
      name: quarters
      summary: Mean colours of four quarters.
      license: Apache-2.0
      task: embedding
      files: [{path: quarters.onnx}]
      input: {color: rgb, resize: stretch, mean: 127, scale: 128}
      output: {decoder: vector, scores: y}

      """.utf8
    ).write(to: URL(filePath: "\(place)/model.yaml"))
  }

  private func draw(_ name: String, _ colour: String, size: String = "64x64") {
    let film = name.hasSuffix(".mp4")
    _ = shell(
      ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "color=\(colour):s=\(size):r=5:d=2"]
        + (film ? ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] : ["-frames:v", "1"])
        + [folder.file(name)])
  }

  private func timeless(_ result: ShellResult) -> String {
    "\(result.status)\n\(result.output)\n\(result.errors)".replacing(/"asOf":"[^"]*"/, with: "")
  }

  private func library() throws -> (server: LibraryServer, ids: [String: String]) {
    try writeModel()
    let server = try LibraryServer(folder)
    for (name, colour, size) in [
      ("red.mp4", "red", "64x64"), ("again.mp4", "red", "96x64"), ("blue.mp4", "blue", "64x64"),
    ] {
      draw(name, colour, size: size)
      let made = server.here(["analyze", name, "--model", "quarters", "--models", "models"])
      try #require(made.status == 0, "\(made)")
    }
    let assets = try #require(server.here(["library", "list", "--json"]).json["assets"] as? [[String: Any]])
    return (server, Dictionary(uniqueKeysWithValues: assets.map { ($0["name"] as! String, $0["asset"] as! String) }))
  }

  @Test("What is like a moment or a picture, and what is nearly the same, is said alike by a folder and by its server")
  func similar() throws {
    let (server, ids) = try library()
    let (red, again, blue) = (ids["red.mp4"]!, ids["again.mp4"]!, ids["blue.mp4"]!)
    draw("red.png", "red", size: "40x30")
    let models = ["--models", "models"]
    let asked: [[String]] = [
      ["search", "--like", "\(red)@0.4s"], ["search", "--like", red, "asset:\(blue)"],
      ["search", "--like", red, "--limit", "1", "--gap", "0s"], ["search", "--like", red, "--least", "0.9"],
      ["search", "--like", red, "--model", "quarters", "--series", "quarters"],
      ["search", "--picture", "red.png"] + models, ["search", "--picture", "red.png", "--least", "0.9"] + models,
      ["search", "--picture", "red.png", "after:today", "--time-zone", "Europe/Berlin"] + models,
      ["search", "duplicates"], ["search", "duplicates", "--least", "-1"],
      ["search", "duplicates", "--least", "-1", "--in", "asset:\(red),\(blue)", "--limit", "5"],
    ]
    for words in asked {
      for options in [[], ["--json"]] {
        let (here, there) = (server.here(words + options), server.there(words + options))
        #expect(timeless(here) == timeless(there) && here.status == 0, "\(words + options): \(here) \(there)")
      }
    }
    for words in [["search", "--like", red, "--json"], ["search", "--picture", "red.png", "--json"] + models] {
      let found = try #require(server.there(words).json["found"] as? [[String: Any]])
      #expect(Set(found.prefix(2).map { $0["asset"] as! String }) == [red, again], "\(words)")
      #expect(found.last?["asset"] as? String == blue && (found.last?["similarity"] as? Double ?? 1) < 0.5)
    }
    let pairs = try #require(server.there(["search", "duplicates", "--json"]).json["pairs"] as? [[String: Any]])
    #expect(pairs.count == 1 && Set([pairs[0]["a"] as! String, pairs[0]["b"] as! String]) == [red, again])
  }

  @Test("What cannot be looked for by likeness is refused alike by a folder and by its server")
  func refused() throws {
    let (server, ids) = try library()
    let red = ids["red.mp4"]!
    try Data("no picture at all".utf8).write(to: URL(filePath: folder.file("text.png")))
    let models = ["--models", "models"]
    for words in [
      ["search", "--like", "01KB3Z8M5T9Q7X2R4W6Y8A1C3E"], ["search", "--like", "\(red)@-1"],
      ["search", "--like", red, "--model", "none"], ["search", "--like", red, "a then b"],
      ["search", "--like", red, "lable:x"], ["search", "--picture", "none.png"] + models,
      ["search", "duplicates", "--model", "none"], ["search", "duplicates", "--in", "a near b"],
      ["search", "--like", red, "--picture", "red.png"],
    ] {
      let (here, there) = (server.here(words), server.there(words))
      #expect(timeless(here) == timeless(there) && here.status != 0, "\(words): \(here) \(there)")
    }
    let (here, there) = (
      server.here(["search", "--picture", "text.png"] + models),
      server.there(["search", "--picture", "text.png"] + models)
    )
    #expect(here.status != 0 && here.status == there.status, "\(here) \(there)")
  }

  @Test("A picture that is posted is looked at where the key may ask models too, and an odd body is refused")
  func posted() throws {
    try writeModel()
    let (server, ids) = try library()
    draw("red.png", "red")
    func post(_ file: String, _ query: String = "", key: String = "") -> ShellResult {
      shell([
        "curl", "-s", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(key)", "-H", "Content-Type: image/png",
        "--data-binary",
        "@\(folder.file(file))", "\(server.address)/v1/search/similar?\(query)",
      ])
    }
    let found = post("red.png", "limit=2")
    #expect(found.output.hasSuffix("\n200"))
    for name in ["red.mp4", "again.mp4"] { #expect(found.output.contains(ids[name]!), "\(found.output)") }
    try Data().write(to: URL(filePath: folder.file("empty.png")))
    try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }).write(to: URL(filePath: folder.file("noise.png")))
    for (file, query, status) in [
      ("empty.png", "", "400"), ("noise.png", "", "400"), ("red.png", "q=lable:x", "400"),
      ("red.png", "least=2", "400"),
      ("red.png", "model=none", "404"), ("red.png", "client=nobody", "404"),
    ] {
      let answer = post(file, query)
      #expect(answer.output.hasSuffix("\n\(status)"), "\(file) \(query): \(answer.output)")
    }
  }
}
