import Base
import Foundation
import NetworkFormats
import TestKit
import Testing

struct NetworkPartsTests {
  let folder = TemporaryFolder()

  private func network(_ location: String, offset: String? = nil, length: String? = nil) throws -> String {
    try ONNXNetwork.external(location, offset: offset, length: length).write(to: folder.file("n.onnx"))
    return folder.file("n.onnx")
  }

  private func fault(_ body: () throws -> Void) throws -> Fault { try #require(throws: Fault.self, performing: body) }

  @Test("A file that ONNX names is a part, each once, by its plain path")
  func parts() throws {
    #expect(try NetworkParts.list(of: network("w.bin")) == ["w.bin"])
    #expect(try NetworkParts.list(of: network("./deep//er/./w.bin")) == ["deep/er/w.bin"])
    var two = ONNXNetwork.external("a")
    two.constant(ONNXNetwork.tensor("v", .float, [1], at: "./a"))
    two.constant(ONNXNetwork.tensor("u", .float, [1], at: "b"))
    try two.write(to: folder.file("two.onnx"))
    #expect(try NetworkParts.list(of: folder.file("two.onnx")) == ["a", "b"])
  }

  @Test(
    "A place outside the folder, or that is no place, is refused in our words",
    arguments: [
      ("/etc/passwd", "absolute"), ("../w.bin", "leads out"), ("a/../../w.bin", "leads out"), ("", "names no file"),
      ("a\u{0}b", "plain path"), ("..\\w.bin", "plain path"), ("*/_ORT_MEM_ADDR_/*", "plain path"), (".", "plain path"),
    ])
  func outside(location: String, words: String) throws {
    let path = try network(location)
    let fault = try fault { _ = try NetworkParts.list(of: path) }
    #expect(fault.kind == .badInput && fault.message.contains(words), "\(fault.message)")
    #expect(fault.message.contains("'w' of n.onnx"), "\(fault.message)")
  }

  @Test("A part that is missing, a folder, a pipe, or a link that leads out is refused; a link inside is not")
  func kinds() throws {
    let place = folder.file("w.bin")
    func check() throws { try NetworkParts.check("w.bin", in: folder.path, of: "n.onnx") }
    #expect(try fault(check).kind == .notFound)
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
    #expect(try fault(check).message.contains("not a file"))
    try FileManager.default.removeItem(atPath: place)
    #expect(mkfifo(place, 0o600) == 0)
    #expect(try fault(check).message.contains("not a file"))
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/etc/passwd")
    #expect(try fault(check).message.contains("link that leads out"))
    try NetworkParts.check("w.bin", in: folder.path, of: "n.xml", mayBeLink: true)
    try FileManager.default.removeItem(atPath: place)
    try FileSystem.write([1], to: folder.file("real"))
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "real")
    try check()
  }

  @Test(
    "Tensors must lie inside their file",
    arguments: [
      ("0", "8", true), (nil, nil, true), ("0", "9", false), ("1", "8", false), ("9", nil, false), ("-1", "8", false),
      ("0x0", "8", false), ("0", "18446744073709551615", false), ("9223372036854775807", "1", false), ("8", "0", true),
    ] as [(String?, String?, Bool)])
  func ranges(offset: String?, length: String?, fits: Bool) throws {
    try FileSystem.write(ONNXNetwork.weights(1, 2), to: folder.file("w.bin"))
    let path = try network("w.bin", offset: offset, length: length)
    let contents = try NetworkContents.of(path)
    guard !fits else { return try NetworkParts.checkAll(of: path, contents) }
    let fault = try fault { try NetworkParts.checkAll(of: path, contents) }
    #expect(fault.kind == .badInput && fault.message.contains("lie outside w.bin"), "\(fault.message)")
  }

  @Test("Formats whose parts go by their names: OpenVINO IR, Paddle, a SavedModel's folder; TensorFlow Lite is whole")
  func others() throws {
    for (name, text) in [
      ("a.xml", "<net>"), ("b.pdmodel", "\u{0A}\u{01}x"), ("c.json", "{}"), ("d.pb", "\u{0A}\u{01}x"),
      ("e.meta", "\u{0A}\u{01}x"), ("e.index", ""), ("e.data-00000-of-00001", ""), ("b.pdiparams", ""),
      ("s/saved_model.pb", ""),
      ("s/variables/variables.index", ""),
    ] {
      try FileSystem.makeFolder(FileSystem.folder(of: folder.file(name)))
      try FileSystem.write(Array(text.utf8), to: folder.file(name))
    }
    func parts(_ name: String) throws -> [String] { try NetworkParts.list(of: folder.file(name)) }
    #expect(try parts("a.xml") == ["a.bin"])
    #expect(try parts("b.pdmodel") == ["b.pdiparams"] && parts("c.json") == [] && parts("d.pb") == [])
    #expect(try parts("e.meta") == ["e.data-00000-of-00001", "e.index"])
    #expect(try parts("s") == ["s/saved_model.pb", "s/variables/variables.index"])
  }
}
