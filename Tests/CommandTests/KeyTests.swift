import Foundation
import TestKit
import Testing

/// Keys as an operator makes, sees and revokes them.
struct KeyTests {
  let folder = TemporaryFolder()

  private func key(_ words: [String]) -> ShellResult {
    Program.run(["key"] + words, environment: ["RIDLEY_HOME": folder.file("home")])
  }

  @Test("A key is shown once, alone on standard output, and is nowhere on the disk")
  func create() throws {
    let result = key(["create", "--client", "acme", "--scope", "infer,read", "--rate", "50/s", "--expires", "30d"])
    #expect(result.status == 0, "\(result.errors)")
    let text = result.output.trimmingCharacters(in: .newlines)
    #expect(text.wholeMatch(of: /rk_[a-z2-9]{8}_[a-z2-9]{32}/) != nil, "\(text)")
    #expect(result.errors.contains("of acme, for infer,read, rate 50/s, until 2"))
    let path = folder.file("home/keys.json")
    #expect(result.errors.contains("Its hash is kept in \(path);"))
    let file = try String(contentsOfFile: path, encoding: .utf8)
    #expect(!file.contains(text.suffix(32)) && file.contains("\"client\":\"acme\""))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let list = key(["list"])
    let row = try #require(list.output.split(separator: "\n").last).split(separator: " ").map(String.init)
    #expect(row.prefix(4) == [String(text.dropFirst(3).prefix(8)), "acme", "infer,read", "50/s"])
    #expect(row.last == String(text.suffix(4)))
    #expect(!(list.output + list.errors + key(["list", "--json"]).output).contains(text.suffix(32)))
  }

  @Test("As JSON: everything that is known, the key itself once; then it is revoked, and cannot be again")
  func json() throws {
    let words = ["create", "--client", "b.2", "--scope", "admin", "--rate", "600/m", "--burst", "9", "--json"]
    let made = key(words).json
    let (text, id) = try (#require(made["key"] as? String), #require(made["id"] as? String))
    #expect(text.hasPrefix("rk_\(id)_") && made["client"] as? String == "b.2")
    #expect(
      made["scopes"] as? [String] == ["admin"] && made["rate"] as? String == "600/m" && made["burst"] as? Int == 9)
    #expect(made["expires"] == nil && made["tail"] as? String == String(text.suffix(4)))
    #expect(key(["create", "--client", "acme", "--scope", "infer", "--expires", "1ms"]).status == 0)
    let listed = try #require(key(["list", "--json"]).json["keys"] as? [[String: Any]])
    #expect(listed.map { $0["client"] as? String } == ["b.2", "acme"] && listed[0]["expired"] as? Bool == false)
    #expect(Set(listed[0].keys) == Set(made.keys).subtracting(["key"]).union(["expired"]))
    let revoked = key(["revoke", id])
    #expect(revoked.status == 0 && revoked.output == "\(id) of b.2 is revoked\n")
    #expect((key(["list", "--json"]).json["keys"] as? [[String: Any]])?.count == 1)
    let again = key(["revoke", id])
    #expect(again.status == 3 && again.errors.contains("there is no key '\(id)'"))
  }

  @Test("With --library the keys of that library are made, listed and revoked, each with the person it is for")
  func library() throws {
    let lib = folder.file("lib")
    let none = key(["list", "--library", lib])
    #expect(none.status == 3 && none.errors.contains("there is no library in"), "\(none.errors)")
    let words = ["create", "--client", "acme", "--user", "Ada Lovelace", "--scope", "read", "--library", lib]
    let made = key(words)
    #expect(made.status == 0 && made.errors.contains("of acme (Ada Lovelace), for read"), "\(made.errors)")
    #expect(made.errors.contains("Its hash is kept in the library \(lib);"))
    #expect(key(["create", "--client", "bolt", "--scope", "infer", "--library", lib]).status == 0)
    #expect(key(["list"]).output.contains("no keys in"), "none of them is in the usual file")
    let list = key(["list", "--library", lib]).output
    #expect(list.contains("user") && list.contains("Ada Lovelace"), "\(list)")
    let keys = try #require(key(["list", "--json", "--library", lib]).json["keys"] as? [[String: Any]])
    #expect(Set(keys.map { $0["client"] as? String }) == ["acme", "bolt"])
    for one in keys {
      let revoked = key(["revoke", try #require(one["id"] as? String), "--library", lib])
      #expect(revoked.status == 0 && revoked.output.contains("is revoked"), "\(revoked)")
    }
    #expect(key(["list", "--library", lib]).output.contains("'ridley key create --library \(lib)'"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("home")))
  }

  @Test("Keys are never kept in the current folder because nothing says whose they are")
  func homeless() throws {
    try FileManager.default.createDirectory(atPath: folder.file("here"), withIntermediateDirectories: true)
    for (words, environment, status) in [
      (["create", "--client", "acme", "--scope", "infer"], [:], 2), (["list"], [:], 2),
      (["create", "--client", "acme", "--scope", "infer"], ["XDG_DATA_HOME": "here"], 2),
      (["create", "--client", "acme", "--scope", "infer"], ["HOME": folder.file("me")], 0),
    ] as [([String], [String: String], Int32)] {
      let none = ["RIDLEY_HOME", "XDG_DATA_HOME", "HOME"].flatMap { ["-u", $0] }
      let result = shell(
        none + environment.map { "\($0.key)=\($0.value)" } + [Program.path, "key"] + words, in: folder.file("here"))
      #expect(result.status == status, "\(words) \(environment): \(result.errors)")
      if status == 2 { #expect(result.errors.contains("--keys FILE, or set RIDLEY_HOME or HOME"), "\(result.errors)") }
    }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.file("here")) == [])
    #expect(FileManager.default.fileExists(atPath: folder.file("me/.local/share/ridley/keys.json")))
  }

  @Test("What is wrong is named with the way out, and no file is written")
  func refused() throws {
    let cases: [([String], String)] = [
      (["create", "--scope", "infer"], "--client NAME"),
      (["create", "--client", "acme"], "--scope infer"),
      (["create", "--client", "Acme", "--scope", "infer"], "not 'Acme'"),
      (["create", "--client", "acme", "--scope", "infr"], "--scope: 'infr' is no scope (did you mean 'infer'?)"),
      (["create", "--client", "acme", "--scope", "infer", "--rate", "50"], "--rate: '50' is no rate"),
      (["create", "--client", "acme", "--scope", "infer", "--burst", "5"], "--burst needs --rate"),
      (
        ["create", "--client", "acme", "--scope", "infer", "--rate", "5/s", "--burst", "0"],
        "--burst takes a whole number"
      ),
      (["create", "--client", "acme", "--scope", "infer", "--expires", "soon"], "--expires takes a time"),
      (["create", "--client", "acme", "--scope", "infer", "--expires", "99999d"], "hundred years"),
      (["create", "--client", "acme", "--scope", "infer", "--user", " Ada"], "--user takes a name"),
      (["list", "--keys", "a.json", "--library", "lib"], "--keys FILE or --library DIR"),
      (["revoke"], "needs <key>"),
    ]
    for (words, message) in cases {
      let result = key(words)
      #expect(
        result.status == 2 && result.output.isEmpty && result.errors.contains(message), "\(words): \(result.errors)")
      #expect(result.errors.contains("; see 'ridley help key"))
    }
    #expect((key(["create", "--json"]).json["error"] as? [String: Any])?["code"] as? String == "usage")
    #expect(key(["list"]).output.contains("ridley key create"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("home")))
  }

  @Test("A file of keys that is no such file is refused with its line, and left as it is")
  func damaged() throws {
    let path = folder.file("mine.json")
    try "{\"version\":1,\n\"keyz\":[]}".write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o600)  // tests beside this one change what is usual for the process
    for words in [["list"], ["create", "--client", "a", "--scope", "infer"], ["revoke", "abcdefgh"]] {
      let result = key(words + ["--keys", path])
      #expect(result.status == 4 && result.errors.contains("mine.json:2:1: unknown key 'keyz'"), "\(result.errors)")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "{\"version\":1,\n\"keyz\":[]}")
  }
}
