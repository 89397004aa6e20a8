import Foundation
import TestKit
import Testing

/// Commands of the library about a server's: they say what they say about a folder.
struct RemoteLibraryTests {
  private let folder = TemporaryFolder()

  /// What two answers of the same command at different moments may differ in.
  private func timeless(_ result: ShellResult) -> String {
    "\(result.status)\n\(result.output)\n\(result.errors)"
      .replacing(/"asOf":"[^"]*"/, with: "").replacing(/as of \S*/, with: "")
  }

  private func commands(_ id: String, _ pipeline: String) -> [[String]] {
    [
      ["library", "list"], ["library", "list", "--brand", "Aurora", "--campaign", "spring"],
      ["library", "list", "--limit", "1", "--json"], ["library", "list", "--text", "other one"],
      ["library", "list", "--tags", "beach,2026", "--kind", "video", "--state", "stored", "--json"],
      ["library", "list", "--client", "acme"], ["library", "list", "--from", "2026-01-01", "--before", "2099-01-01"],
      ["library", "show", id],
      ["library", "trace", id, "--prediction", "3", "--analysis", String(pipeline.prefix(20))],
      ["library", "trace", id, "--prediction", "0", "--output", "frame.jpg"],
      ["library", "totals"], ["library", "totals", "--by", "campaign"], ["library", "totals", "--brand", "Aurora"],
      ["library", "totals", "--client", "acme"], ["client", "list"],
    ]
  }

  private func exports(_ id: String) -> [[String]] {
    ["coco", "csv", "jsonl", "webvtt", "edl", "otio", "vmap", "shots-csv"].map { ["export", id, "--format", $0] }
  }

  private func faults(_ id: String) -> [[String]] {
    [
      ["library", "list", "--after", "nonsense"], ["library", "list", "--campaign", "spring"],
      ["library", "show", "01KB3Z8M5T9Q7X2R4W6Y8A1C3E"], ["library", "show", "non/sense?x"],
      ["library", "trace", id, "--prediction", "99999"],
      ["library", "trace", id, "--prediction", "0", "--analysis", "aaaaaaaa"],
    ]
  }

  @Test(
    "Every command that reads says the same of a folder and of the server that serves it, faults and exit codes too")
  func reading() throws {
    let server = try LibraryServer(folder)
    try server.clip("clip.mp4")
    try server.clip("other one.mp4", size: "96x64")
    let analysis = server.here([
      "analyze", "clip.mp4", "--model", "line-inspector", "--brand", "Aurora", "--campaign", "spring",
    ])
    #expect(analysis.status == 0, "\(analysis)")
    #expect(server.here(["library", "add", "other one.mp4", "--tags", "beach,2026"]).status == 0)
    let assets = try #require(server.here(["library", "list", "--json"]).json["assets"] as? [[String: Any]])
    let id = try #require(assets.first { $0["name"] as? String == "clip.mp4" }?["asset"] as? String)
    let other = try #require(assets.first { $0["name"] as? String != "clip.mp4" }?["asset"] as? String)
    let pipeline = try #require(
      (server.here(["library", "show", id, "--json"]).json["results"] as? [[String: Any]])?.first?["pipeline"]
        as? String)
    let faults = faults(id)
    for words in commands(id, pipeline) + exports(id) + exports(other) + faults {
      for options in words[0] == "export" || words.contains("--json") ? [[]] : [[], ["--json"]] {
        let (here, there) = (server.here(words + options), server.there(words + options))
        #expect(timeless(here) == timeless(there), "\(words + options)")
        #expect(here.status == 0 || faults.contains(words) || words[0] == "export", "\(words + options): \(here)")
      }
    }
    let picture = try Data(contentsOf: URL(filePath: folder.file("frame.jpg")))
    #expect(picture.starts(with: [0xff, 0xd8, 0xff]))
    try FileManager.default.removeItem(atPath: folder.file("frame.jpg"))
    #expect(server.there(["library", "trace", id, "--prediction", "0", "--output", "frame.jpg"]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder.file("frame.jpg"))) == picture)
    #expect(server.there(["export", id, "--format", "csv", "--output", "found.csv"]).status == 0)
    let csv = try String(contentsOfFile: folder.file("found.csv"), encoding: .utf8)
    #expect(csv == server.here(["export", id, "--format", "csv"]).output && csv.count > 100)
    try Data("proxy: 48p\ninfer: line-inspector".utf8).write(to: URL(filePath: folder.file("light.yaml")))
    let job = server.here([
      "job", "start", "--pipeline", "light.yaml", "--brand", "Aurora", "--workers", "1", "--quiet",
    ])
    #expect(job.status == 0, "\(job)")
    for options in [[], ["--json"]] {
      let (here, there) = (["library", "show", id] + options, server.there(["library", "show", id] + options))
      #expect(timeless(server.here(here)) == timeless(there) && there.output.contains("48p"), "\(there)")
    }
  }

  @Test("What is added by a server is in its folder, once, with all that was said of it; what is no film is told alike")
  func adding() throws {
    let server = try LibraryServer(folder)
    for (name, size) in [("a.mp4", "160x96"), ("b.mp4", "96x64"), ("c.mp4", "64x64")] {
      try server.clip(name, size: size)
    }
    for (name, text) in [("text.mp4", "once upon a time"), ("empty.mp4", "")] {
      try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
    }
    let words = [
      "library", "add", "a.mp4", "--brand", "Aurora", "--captured", "2026-11-27T08:30:00Z", "--tags", "beach,Ünder way",
    ]
    let added = server.there(words)
    let id = String(added.output.prefix(26))
    #expect(added.status == 0 && added.output.hasSuffix("  added  a.mp4\n"), "\(added)")
    #expect(server.here(words).output == "\(id)  was there  a.mp4\n")
    #expect(server.there(words).output == "\(id)  was there  a.mp4\n")
    let show = server.here(["library", "show", id]).output
    for word in ["beach, Ünder way", "2026-11-27T08:30:00Z", "Aurora"] { #expect(show.contains(word), "\(show)") }
    for name in ["text.mp4", "empty.mp4", "missing.mp4"] {
      let (here, there) = (server.here(["library", "add", name]), server.there(["library", "add", name]))
      #expect(here.status != 0 && here.errors == there.errors && here.status == there.status, "\(here) \(there)")
    }
    let several = server.there(["library", "add", "b.mp4", "text.mp4", "c.mp4", "--json"])
    #expect(several.status == 9 && (several.json["assets"] as? [[String: Any]])?.count == 2, "\(several)")
    #expect((several.json["failures"] as? [[String: Any]])?.first?["file"] as? String == "text.mp4")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("home/uploads")) == [])
  }

  @Test("What is edited, moved and deleted by a server is so in its folder; what cannot be is told alike")
  func changing() throws {
    let server = try LibraryServer(folder)
    try server.clip("a.mp4")
    let id = String(server.here(["library", "add", "a.mp4", "--tags", "beach"]).output.prefix(26))
    let edit = server.there([
      "library", "edit", id, "--name", "new name.mp4", "--tags", "-", "--captured", "2025-01-02",
    ])
    #expect(edit.status == 0 && edit.output.isEmpty, "\(edit)")
    let edited = server.here(["library", "show", id]).output
    #expect(edited.contains("new name.mp4") && edited.contains("2025-01-02T00:00:00Z") && !edited.contains("beach"))
    for words in [
      ["edit", id, "--tags", "a,a"], ["move", id, "--client", "NoName"], ["edit", id, "--name", "a\u{7}"],
    ] {
      let (here, there) = (server.here(["library"] + words), server.there(["library"] + words))
      #expect(
        here.status == there.status && here.errors == there.errors && here.status != 0, "\(words): \(here) \(there)")
    }
    #expect(server.there(["library", "move", id, "--client", "acme", "--brand", "B", "--campaign", "C"]).status == 0)
    let place = ["--client", "acme", "--brand", "B", "--campaign", "C"]
    #expect(server.here(["library", "list"] + place).output.contains(id))
    #expect(server.there(["library", "move", id, "--client", "local"]).status == 0)
    #expect(server.here(["library", "show", id, "--json"]).json["brand"] == nil)
    #expect(server.there(["library", "delete", id, id]).status == 3)
    #expect(server.here(["library", "show", id]).status == 3)
  }

  @Test("A key decides whose assets are meant and what may be done; without one that fits the way out is said")
  func keys() throws {
    let server = try LibraryServer(folder)
    try server.clip("a.mp4")
    let (all, upload, read) = (
      server.key("acme", "read,write,upload"), server.key("acme", "upload"), server.key("acme", "read")
    )
    try waitUntil("the server to ask for keys") { server.there(["library", "list"]).status == 6 }
    let none = server.there(["library", "list"])
    #expect(none.errors.contains("none was given: name the file of one of its keys with --key FILE, or set RIDLEY_KEY"))
    let wrong = server.there(["library", "list", "--json"], key: String(all.dropLast(4)) + "2222")
    #expect(wrong.status == 6 && wrong.errors.contains("the key is not known here"), "\(wrong)")
    #expect((wrong.json["error"] as? [String: Any])?["code"] as? String == "denied")
    let blind = server.there(["library", "add", "a.mp4"], key: upload)
    #expect(blind.status == 0 && blind.output.contains("added"), "\(blind)")
    #expect(server.there(["library", "add", "a.mp4"], key: upload).output.contains("was there"))
    #expect(server.here(["library", "list", "--client", "acme"]).output.contains("a.mp4"))
    let path = folder.file("key.txt")
    try (read + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    let list = server.there(["library", "list", "--key", path])
    #expect(list.status == 0 && list.output == server.here(["library", "list", "--client", "acme"]).output)
    #expect(server.there(["client", "list"], key: read).output.contains("acme"))
    let id = String(blind.output.prefix(26))
    let denied = server.there(["library", "delete", id], key: read)
    #expect(denied.status == 6 && denied.errors.contains("this needs write"), "\(denied)")
    let foreign = server.there(["library", "add", "a.mp4", "--client", "bolt"], key: all)
    #expect(foreign.status == 6 && foreign.errors.contains("for the own client alone"), "\(foreign)")
    #expect(server.there(["library", "list", "--client", "bolt"], key: all).output.contains("no assets of bolt"))
    let shown = server.there(["library", "list", "--key", all])
    #expect(shown.status == 2 && shown.errors.contains("not the key itself"), "\(shown.errors)")
    #expect(server.there(["library", "list"], key: "two words").errors.contains("RIDLEY_KEY holds no key"))
  }

  @Test("Addresses that are none, servers that are none, and options that do not fit are told with the way out")
  func addresses() throws {
    for address in [
      "vision.example.org", "ftp://a", "https://", "https://u:p@a", "https://a?b", "https://a b", "http://:80",
    ] {
      let result = Program.run(["library", "list", "--server", address])
      #expect(
        result.status == 2 && result.errors.contains("--server takes an address such as"), "\(address): \(result)")
    }
    let closed = Program.run(["library", "list", "--server", "http://127.0.0.1:1"])
    #expect(closed.status == 8 && closed.errors.contains("127.0.0.1:1 takes no connection"), "\(closed)")
    let nowhere = Program.run(["client", "list", "--server", "http://no-such-host.invalid"])
    #expect(nowhere.status == 8 && nowhere.errors.contains("no-such-host.invalid"), "\(nowhere)")
    let files = try LocalServer(folder: folder.path)
    let other = Program.run(["library", "list", "--server", files.address])
    #expect(other.status == 8 && other.errors.contains("is the address right?"), "\(other)")
    let moved = Program.run(["library", "list", "--server", files.address + "/loop"])
    #expect(moved.status == 8 && moved.errors.contains("sends on to /loop/v1/session: name that server"), "\(moved)")
    for words in [["library", "verify"], ["client", "purge", "acme"], ["client", "limit", "acme", "1GB"]] {
      let result = Program.run(words + ["--server", files.address])
      #expect(result.status == 2 && result.errors.contains("unknown option '--server'"), "\(words)")
    }
    let both = Program.run(["library", "list", "--server", files.address, "--library", "lib"])
    #expect(both.status == 2 && both.errors.contains("--library DIR or --server URL"))
    #expect(Program.run(["library", "list", "--key", "key.txt"]).errors.contains("--key is for --server"))
  }

  @Test("The certificate of a server is checked, and one of an authority that is named is taken")
  func certificates() throws {
    let made = shell([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
      folder.file("key.pem"), "-out", folder.file("cert.pem"), "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
      "subjectAltName=IP:127.0.0.1",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let server = try LibraryServer(folder, ["--tls", "cert.pem", "key.pem"])
    try server.clip("a.mp4")
    #expect(server.here(["library", "add", "a.mp4"]).status == 0)
    let refused = server.there(["library", "list"])
    #expect(
      refused.status == 8 && refused.errors.contains("could not be verified")
        && refused.errors.contains("SSL_CERT_FILE"), "\(refused)")
    let plain = Program.run(["library", "list", "--server", server.address.replacing("https", with: "http")])
    #expect(plain.status == 8, "\(plain)")
    let trusting = Program.run(
      ["library", "list", "--server", server.address], environment: ["SSL_CERT_FILE": folder.file("cert.pem")])
    #expect(trusting.status == 0 && trusting.output == server.here(["library", "list"]).output, "\(trusting)")
  }
}
