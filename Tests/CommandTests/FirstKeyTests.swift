import Foundation
import TestKit
import Testing

/// The key of a server that has none yet, as images of ridley ask for it.
struct FirstKeyTests {
  private let folder = TemporaryFolder()

  /// Starts a server beyond this machine, and ends it when it serves; what it said.
  private func serve(_ words: String = "", with environment: [String: String]) -> ShellResult {
    let script = """
      mkdir -p models; '\(Program.path)' serve --models models --listen 0.0.0.0:0 \(words) 2>log & server=$!
      for try in $(seq 300); do grep -q 'serving at' log && break; kill -0 $server || break; sleep 0.05; done
      kill -TERM $server; wait $server; code=$?; cat log; exit $code
      """
    return shell(
      ["bash", "-c", script], in: folder.path,
      environment: ["RIDLEY_HOME": folder.file("home")].merging(environment) { $1 })
  }

  @Test("It is shown once, lasts a day, and infers and reads; the next start makes none")
  func once() throws {
    let first = serve(with: ["RIDLEY_FIRST_KEY": "1"])
    #expect(first.status == 0 && first.output.contains("serving at"), "\(first)")
    let key = try #require(first.output.firstMatch(of: /rk_[a-z2-9]{8}_[a-z2-9]{32}/), "\(first)")
    let list = Program.run(["key", "list", "--json"], environment: ["RIDLEY_HOME": folder.file("home")]).json
    let keys = try #require(list["keys"] as? [[String: Any]])
    #expect(keys.count == 1 && keys[0]["client"] as? String == "first")
    #expect(keys[0]["scopes"] as? [String] == ["infer", "read"] && keys[0]["expires"] != nil)
    #expect(first.output.contains("ridley key revoke \(keys[0]["id"] ?? "")"))
    let second = serve(with: ["RIDLEY_FIRST_KEY": "1"])
    #expect(second.status == 0 && !second.output.contains(key.0) && !second.output.contains("there were no keys"))
  }

  @Test("Without being asked for none is made, and none in a file that was named")
  func asked() {
    let usual = serve(with: ["RIDLEY_FIRST_KEY": ""])
    #expect(usual.status == 6 && usual.output.contains("there are no keys in"), "\(usual)")
    let named = serve("--keys mine.json", with: ["RIDLEY_FIRST_KEY": "1"])
    #expect(named.status == 6 && named.output.contains("--keys mine.json"), "\(named)")
  }

  @Test("A server with a library keeps it there, and says with every command whose keys are meant")
  func library() throws {
    let none = serve("--library lib", with: ["RIDLEY_FIRST_KEY": ""])
    #expect(none.status == 6 && none.output.contains("there are no keys in the library lib"), "\(none)")
    #expect(none.output.contains("--scope infer --library lib'") && !none.output.contains("--keys"), "\(none)")
    let first = serve("--library lib", with: ["RIDLEY_FIRST_KEY": "1"])
    #expect(first.status == 0 && first.output.contains("there were no keys in the library lib"), "\(first)")
    let list = Program.run(["key", "list", "--json", "--library", folder.file("lib")]).json
    let keys = try #require(list["keys"] as? [[String: Any]])
    #expect(keys.count == 1 && keys[0]["client"] as? String == "first")
    #expect(first.output.contains("ridley key revoke \(keys[0]["id"] ?? "") --library lib"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("home/keys.json")))
  }

  @Test("Keys of a file that was there before the library are named, and --keys goes on with them")
  func before() {
    let words = ["key", "create", "--client", "acme", "--scope", "read"]
    #expect(Program.run(words, environment: ["RIDLEY_HOME": folder.file("home")]).status == 0)
    let path = folder.file("home/keys.json")
    let refused = serve("--library lib", with: ["RIDLEY_FIRST_KEY": ""])
    #expect(refused.status == 6 && refused.output.contains("--keys \(path)"), "\(refused)")
    let named = serve("--library lib --keys \(path)", with: ["RIDLEY_FIRST_KEY": ""])
    #expect(named.status == 0 && named.output.contains("serving at"), "\(named)")
  }
}
