import Foundation
import TestKit
import Testing

/// A server whose models may take less memory together than all of them need.
@Suite(.timeLimit(.minutes(20)))
struct ServeMemoryTests {
  private let folder = TemporaryFolder()

  /// A network that multiplies the sum of 1024 numbers by `factor`, with 16 MB of weights.
  private func write(_ name: String, _ factor: Float) throws {
    let place = folder.file("models/\(name)/1")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(1024)])
    network.output("y", .float, [.fixed(1), .fixed(4096)])
    var weights = [Float](repeating: factor, count: 1024 * 4096)
    // So that nothing finds out that one number would do.
    for index in stride(from: 0, to: weights.count, by: 4096) { weights[index + 1 + index / 4096 % 4000] += 1 }
    network.constant(ONNXNetwork.tensor("w", .float, [1024, 4096], weights))
    network.node("MatMul", ["x", "w"], ["y"])
    try network.write(to: "\(place)/model.onnx")
  }

  /// Asks at random from several threads, and prints what was wrong, and the most that was taken.
  private static let client = """
    import http.client, json, random, sys, threading, time
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    wrong, count, most, lock, end = [], [0], [0, 0], threading.Lock(), time.time() + seconds
    def figures():
        link = http.client.HTTPConnection("127.0.0.1", port)
        link.request("GET", "/metrics")
        text = link.getresponse().read().decode()
        found = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return found
    def ask(number):
        link, dice = http.client.HTTPConnection("127.0.0.1", port), random.Random(number)
        while time.time() < end:
            model, value = dice.randrange(5), dice.randrange(1, 9)
            body = {"inputs": [{"name": "x", "shape": [1, 1024], "datatype": "FP32", "data": [value] * 1024}]}
            link.request("POST", "/v2/models/net-%d/infer" % model, json.dumps(body))
            answer = link.getresponse()
            text = answer.read()
            data = json.loads(text)["outputs"][0]["data"] if answer.status == 200 else None
            right = data is not None and abs(data[0] - 1024 * value * (model + 1)) < 1
            with lock:
                count[0] += 1
                if not right: wrong.append("%d %s" % (answer.status, text[:200] if data is None else data[0]))
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads: thread.start()
    while time.time() < end:
        found = figures()
        most[0] = max(most[0], int(float(found["ridley_models_memory_bytes"])))
        time.sleep(0.05)
    for thread in threads: thread.join()
    found = figures()
    print(json.dumps({
        "wrong": wrong[:3], "count": count[0], "most": most[0],
        "departures": int(float(found["ridley_model_departures_total"])),
        "loads": int(float(found["ridley_model_loads_total"])),
        "limit": int(float(found["ridley_models_memory_limit_bytes"])),
    }))
    """

  @Test("Five models with memory for two answer random requests, all of them right, and never take more")
  func random() throws {
    for number in 0..<5 { try write("net-\(number)", Float(number + 1)) }
    let server = try LibraryServer(folder, ["--memory", "80MB", "--workers", "0", "--streams", "1"])
    let port = String(server.address.split(separator: ":").last ?? "")
    try waitUntil("all to be ready", seconds: 240) {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/health/ready"]).output
        == "200"
    }
    let told = shell(["python3", "-c", Self.client, port, "8"])
    let found = told.json
    #expect(found["wrong"] as? [String] == [], "\(told)")
    #expect(found["count"] as? Int ?? 0 > 50, "\(told)")
    // One that turns out to need more than before is there until another has left.
    #expect(found["most"] as? Int ?? .max <= 90_000_000 && found["limit"] as? Int == 80_000_000, "\(told)")
    #expect(found["departures"] as? Int ?? 0 >= 3, "\(told)")
    let versions = (0..<5).compactMap { number in
      (shell(["curl", "-s", "\(server.address)/v1/models/net-\(number)"]).json["versions"] as? [[String: Any]])?.first
    }
    #expect(versions.count == 5 && versions.allSatisfy { $0["state"] as? String == "ready" })
    #expect(versions.allSatisfy { $0["memory"] as? Int ?? 0 >= 16_000_000 }, "\(versions)")
    #expect((1...4).contains(versions.count { $0["loaded"] as? Bool == true }), "\(versions)")
  }

  @Test("A model that does not fit at all is told of with what it takes, and the others are served")
  func large() throws {
    try write("net-0", 1)
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(4)])
    network.output("y", .float, [.fixed(1), .fixed(4)])
    network.constant(ONNXNetwork.tensor("number", .float, [1], [1 as Float]))
    network.node("Add", ["x", "number"], ["y"])
    try FileManager.default.createDirectory(atPath: folder.file("models/small/1"), withIntermediateDirectories: true)
    try network.write(to: folder.file("models/small/1/model.onnx"))
    try Data("memory: {limit: 12MB, stay: 0.1s, absent: refuse}\n".utf8).write(
      to: URL(filePath: folder.file("conf.yaml")))
    let server = try LibraryServer(folder, ["--config", "conf.yaml", "--workers", "0"])
    try waitUntil("the large one to be refused", seconds: 240) {
      try String(contentsOfFile: folder.file("log"), encoding: .utf8).contains("raise --memory")
    }
    try waitUntil("the small one to be ready: \(server.address)", seconds: 240) {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/models/small/ready"]).output
        == "200"
    }
  }
}
