import Base
import Crypto
import TestKit
import Testing

@testable import ModelHub

@Suite struct HubTests {
  let folder = TemporaryFolder()
  var hub: Hub { Hub(folders: [folder.file("own"), folder.file("shared")], store: folder.file("store")) }

  func add(_ name: String, in place: String = "shared", called: String? = nil, extra: String = "") throws {
    let path = folder.file("\(place)/\(name)")
    try FileSystem.makeFolder(path)
    let text = """
      name: \(called ?? name)
      summary: A net.
      license: MIT
      task: classification
      files:
        - path: net.onnx
          sha256: \(SHA256.hex(of: [1, 2, 3]))
          size: 3
      output: { decoder: classes\(extra) }
      labels: labels.txt
      """
    try FileSystem.write(Array(text.utf8), to: path + "/model.yaml")
    try FileSystem.write(Array("cat\r\n \ndog\n".utf8), to: path + "/labels.txt")
    try FileSystem.write([1, 2, 3], to: path + "/net.onnx")
  }

  @Test func `A model whose files stand beside its manifest is ready`() throws {
    try add("net")
    let model = try hub.find("net")
    #expect(model.networkPath == folder.file("shared/net/net.onnx"))
    #expect(model.labels == ["cat", " ", "dog"])
    #expect(try hub.verify("net").isReady && hub.pull("net").isReady)
  }

  @Test func `The first folder that has a name wins`() throws {
    try add("net")
    try add("net", in: "own")
    #expect(try hub.find("net").folder == folder.file("own/net"))
    #expect(hub.list().map(\.name) == ["net"])
  }

  @Test func `A model is found by the path of its folder`() throws {
    try add("net", in: "elsewhere")
    #expect(try hub.find(folder.file("elsewhere/net/")).name == "net")
    #expect(throws: Fault.self) { try hub.find(folder.file("elsewhere")) }
  }

  @Test func `An unknown name suggests what was meant`() throws {
    try add("yolox-nano")
    let fault = #expect(throws: Fault.self) { try hub.find("yolo-nano") }
    #expect(fault?.kind == .notFound)
    #expect(
      fault?.message
        == "there is no model 'yolo-nano' (did you mean 'yolox-nano'?): 'ridley model list' shows those there are")
  }

  @Test func `A model that is not pulled says how to pull it`() throws {
    try add("net")
    try FileSystem.write([1, 2], to: folder.file("shared/net/net.onnx"))
    let fault = #expect(throws: Fault.self) { try hub.find("net") }
    #expect(
      fault?.message == "the model 'net' is known, but its file net.onnx is not here: run 'ridley model pull net'")
    #expect(try hub.look("net").state == .missing(["net.onnx"]))
  }

  @Test func `A broken manifest is listed with its fault and hides no other`() throws {
    try add("good")
    try add("bad", extra: ", treshold: 1")
    try add("renamed", called: "other")
    let entries = hub.list()
    #expect(entries.map(\.name) == ["bad", "good", "renamed"])
    #expect(throws: Fault.self) { try entries[0].model.get() }
    #expect(try entries[1].model.get().name == "good")
    let fault = #expect(throws: Fault.self) { try hub.find("renamed") }
    #expect(fault?.message.contains("its name is 'other', but its folder is called 'renamed'") == true)
  }

  @Test func `The digest follows the recipe and the files, and nothing else`() throws {
    try add("net")
    let digest = try hub.find("net").digest
    #expect(digest.hasPrefix("sha256:") && digest.utf8.count == 71)
    try add("twin")
    #expect(try hub.find("twin").digest == digest)
    try add("twin", extra: ", top: 5, activation: none")
    #expect(try hub.find("twin").digest == digest, "defaults written out change nothing")
    try add("twin", extra: ", top: 4")
    #expect(try hub.find("twin").digest != digest)
    try add("twin")
    try FileSystem.write(Array("cat\n".utf8), to: folder.file("shared/twin/labels.txt"))
    #expect(try hub.find("twin").digest != digest)
  }

  @Test func `A label file that is neither listed nor there is a fault`() throws {
    try add("net")
    try FileSystem.remove(folder.file("shared/net/labels.txt"))
    #expect(throws: Fault.self) { try hub.find("net") }
  }

  @Test func `Folders are searched in the order that was promised`() {
    let set = ["RIDLEY_MODELS": "/a:/b", "HOME": "/home/me"]
    let built = Hub.standard(models: "/given", executable: "/src/.build/x86_64/debug/ridley") { set[$0] }
    #expect(
      built.folders == ["/given", "/a", "/b", "/src/.build/x86_64/share/ridley/models", "/src/models", "models"])
    #expect(built.store == "/home/me/.local/share/ridley")
    let installed = Hub.standard(models: nil, executable: "/usr/bin/ridley") { ["XDG_DATA_HOME": "/data"][$0] }
    #expect(installed.folders == ["/usr/share/ridley/models", "models"] && installed.store == "/data/ridley")
    #expect(Hub.standard(models: nil, executable: "/x/y") { ["RIDLEY_HOME": "/r"][$0] }.store == "/r")
  }

  @Test func `A folder of models that the user named must be there`() {
    #expect(throws: Fault.self) { try Hub.standard(models: "/nowhere/models") }
  }
}
