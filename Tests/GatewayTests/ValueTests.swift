import Base
import Inference
import MediaProcess
import Serving
import TestKit
import Testing
import Web

@testable import Gateway

/// Tensors whose values the engine does not carry, over HTTP.
struct ValueTests {
  let folder = TemporaryFolder()

  private func served(_ network: ONNXNetwork) throws -> (Server, PlainClient) {
    try FileSystem.makeFolder(folder.file("models/n/1"))
    try network.write(to: folder.file("models/n/1/model.onnx"))
    let models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    var media = MediaPool.Options(limit: 1)
    media.program = Program.path
    let gateway = Gateway(models, keys: nil, pictures: PictureDesk(MediaPool(media)))
    let server = try Server(ServerOptions(), handler: gateway)
    server.start()
    return (server, try PlainClient(server.port))
  }

  private func body(_ type: String, _ shape: String, _ data: String) -> String {
    #"{"inputs":[{"name":"x","datatype":"\#(type)","shape":\#(shape),"data":\#(data)}]}"#
  }

  @Test("Integers of 64 bits are answered within 32, and refused beyond with the input and the place; metadata says so")
  func wide() throws {
    var network = ONNXNetwork()
    network.input("x", .int64, [.fixed(3)])
    network.output("y", .int64, [.fixed(3)])
    network.constant(ONNXNetwork.tensor("one", .int64, [1], [1 as Int64]))
    network.node("Add", ["x", "one"], ["y"])
    let (server, client) = try served(network)
    defer { server.drain(within: 5) }
    let right = try client.ask("POST", "/v2/models/n/infer", body: body("INT64", "[3]", "[-2147483648,0,41]"))
    #expect(right.status == 200 && right.text.contains("[-2147483647,1,42]"), "\(right.text)")
    let wrong = try client.ask("POST", "/v2/models/n/infer", body: body("INT64", "[3]", "[1,1099511627781,2]"))
    #expect(wrong.status == 400 && wrong.text.contains("'x' has 1099511627781 at [1]"), "\(wrong.text)")
    let metadata = try client.ask("GET", "/v2/models/n")
    #expect(
      metadata.text.contains(#""parameters":{"notes":["INT64, UINT64 and UINT32 are computed as INT32"#),
      "\(metadata.text)")
    #expect(try client.ask("GET", "/v1/models/n").text.contains(#""notes":["#))
  }

  @Test("A network of numbers without dimensions is asked and answers with them")
  func scalar() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [])
    network.output("y", .float, [])
    network.node("Neg", ["x"], ["y"])
    let (server, client) = try served(network)
    defer { server.drain(within: 5) }
    let answer = try client.ask("POST", "/v2/models/n/infer", body: body("FP32", "[]", "[8.5]"))
    #expect(
      answer.status == 200 && answer.text.contains(#""shape":[],"#) && answer.text.contains("-8.5"), "\(answer.text)")
  }
}
