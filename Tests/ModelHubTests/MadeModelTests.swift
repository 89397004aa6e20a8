import Base
import Crypto
import TestKit
import Testing

@testable import ModelHub

/// A model that no address has, whose manifest knows how it is made.
@Suite struct MadeModelTests {
  let folder = TemporaryFolder()
  let hub: Hub
  let bytes: [UInt8] = [1, 2, 3]

  init() throws {
    hub = Hub(folders: [folder.file("share/models")], store: folder.file("store"))
    try FileSystem.makeFolder(folder.file("share/models/net"))
    let manifest = """
      {name: net, summary: A net., license: MIT, task: tensor, output: {decoder: raw}, make: tools/network net,
      files: [{path: net.onnx, sha256: \(SHA256.hex(of: bytes)), size: 3}]}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("share/models/net/model.yaml"))
  }

  private func addTool() throws {
    try FileSystem.makeFolder(folder.file("share/tools"))
    try FileSystem.write([], to: folder.file("share/tools/network"))
  }

  @Test func `Who looks for it is told the command, with its path where it stands beside the models`() throws {
    let known = "the model 'net' is known, but its file net.onnx is not here: run"
    #expect(#expect(throws: Fault.self) { try hub.find("net") }?.message == "\(known) 'tools/network net'")
    try addTool()
    let command = folder.file("share/tools/network") + " net"
    #expect(#expect(throws: Fault.self) { try hub.find("net") }?.message == "\(known) '\(command)'")
    let pull = #expect(throws: Fault.self) { try hub.pull("net") }
    #expect(pull?.kind == .notFound)
    #expect(
      pull?.message == "net.onnx has no public address: run '\(command)', which makes it, or name a mirror")
  }

  @Test func `It comes from a mirror, and what was damaged since is made again`() throws {
    try FileSystem.makeFolder(folder.file("mirror/net"))
    try FileSystem.write(bytes, to: folder.file("mirror/net/net.onnx"))
    let model = try hub.pull("net", mirror: folder.file("mirror"))
    #expect(model.isReady && model.filesFolder != model.folder)
    try FileSystem.write([3, 2, 1], to: model.networkPath)
    let fault = #expect(throws: Fault.self) { try hub.find("net").identified(cache: nil) }
    #expect(fault?.message.hasSuffix("run 'tools/network net'") == true)
    let check = #expect(throws: Fault.self) { try hub.verify("net") }
    #expect(check?.message.hasSuffix(": remove it and run 'tools/network net'") == true)
  }
}
