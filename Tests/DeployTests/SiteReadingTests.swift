import Base
import Testing
import YAML

@testable import Deploy

struct SiteReadingTests {
  private static let whole = """
    servers:
      main: {address: "https://vision.example.org:8443/", key: env:RIDLEY_KEY}
      spare: {address: "http://127.0.0.1:8080", client: acme}
    models:
      inspector: {server: [main, spare], aliases: {live: 2, next: {version: "3", digest: "sha256:\(String(repeating: "a", count: 64))"}}}
    streams:
      dock: {server: main, source: {secret: env:DOCK}, pipeline: dock, budget: 200ms, clips: true}
      yard: {server: spare, source: "http://camera/video?size=2", model: inspector, rate: 5, record: {segment: 60s, keep: 2d}}
    targets:
      alarm: {server: main, address: "https://example.com/hook", secret: file:alarm.secret, streams: [dock], kinds: event}
    alerts:
      people: {server: main, query: "person in yard", zone: Europe/Berlin}
    limits: {body: 64MiB}
    stages:
      dev:
        streams: {dock: {source: film.mp4, clips: }, yard: }
        targets:
      production:
        limits: {body: 1GiB}
    """

  @Test("A stage is laid over the rest: groups are merged, lists and values replaced, and a key without a value goes")
  func stages() throws {
    #expect(try SiteStages.names(YAMLDocument.parse(Self.whole, name: "site.yaml")) == ["dev", "production"])
    let site = try Blueprint.read(Self.whole, stage: "dev")
    #expect(
      site.things.map(\.key.text) == [
        "alias inspector/live on main", "alias inspector/next on main", "alias inspector/live on spare",
        "alias inspector/next on spare", "stream dock of local on main", "alert people of local on main",
      ])
    let dock = try #require(site.things.first { $0.key.kind == .stream })
    #expect(dock.fields["source"] == "\"film.mp4\"" && dock.fields["clips"] == nil && dock.references.isEmpty)
    #expect(dock.fields["budget_ms"] == "200" && dock.fields["pipeline"] == "\"dock\"")
    let production = try Blueprint.read(Self.whole, stage: "production")
    #expect(production.things.count == 8 && production.startup == ["limits"] && production.digest != site.digest)
    #expect(production.servers.map(\.address) == ["https://vision.example.org:8443", "http://127.0.0.1:8080"])
    let yard = try #require(production.things.first { $0.key.name == "yard" })
    #expect(yard.key.client == "acme" && yard.fields["record"] == #"{"keep_s":172800,"segment_s":60}"#)
    #expect(
      yard.fields["source"] == "\"http://camera/video?…\"" && yard.hidden["source"] == "http://camera/video?size=2")
  }

  @Test(
    "A document with stages says nothing without one, and a stage that is mistyped is told with the one that was meant")
  func missingStages() throws {
    for (stage, words) in [
      (nil, "say which one, --stage dev or production"), ("prodution", "did you mean 'production'?"),
    ] as [(String?, String)] {
      let fault = try #require(throws: Fault.self) { try Blueprint.read(Self.whole, stage: stage) }
      #expect(fault.kind == .usage && fault.message.contains(words), "\(fault.message)")
    }
    let fault = try #require(throws: Fault.self) {
      try Blueprint.read("servers: {a: {address: 'http://a'}}\nstages:\n  x: {stages: {}}", stage: "x")
    }
    #expect(fault.message == "site.yaml:3:7: a stage has no stages of its own")
  }

  @Test("Everything that is wrong is told at once, each with its place, and with what was probably meant")
  func diagnostics() throws {
    let text = """
      servers:
        main: {adress: "http://a"}
        other: {address: "ftp://b"}
      streems: {}
      streams:
        dock: {sorce: a.mp4, server: mian}
        yard: {source: "gopher://x", server: main, clips: true}
        .x: {source: a.mp4, server: main}
        gate: {source: a.mp4}
      models:
        a: {server: main, aliases: {7: 1, live: }}
      targets:
        hook: {address: "https://x/y", server: main, topic: t}
      limits: 5
      """
    let fault = try #require(throws: Fault.self) { try Blueprint.read(text) }
    for words in [
      "site.yaml:2:10: unknown key 'adress' in the server main (did you mean 'address'?)",
      "site.yaml:3:20: this is no address for address, expected e.g. https://vision.example.org:8443",
      "site.yaml:4:1: unknown key 'streems' in the blueprint (did you mean 'streams'?)",
      "site.yaml:6:10: unknown key 'sorce' in the stream dock (did you mean 'source'?)",
      "site.yaml:6:32: there is no server 'mian' (did you mean 'main'?)",
      "site.yaml:7:18: streams do not come by gopher",
      "site.yaml:7:53: clips are of events, which come of a pipeline with rules: give the stream one",
      "site.yaml:8:3: '.x' is no name for a stream",
      "site.yaml:9:9: the stream gate needs a server: main or other, or a list of them",
      "site.yaml:11:31: '7' is no alias", "site.yaml:11:43: live has no value",
      "site.yaml:13:9: the target hook is a webhook, and needs what its notices are signed with: secret: env:NAME",
      "site.yaml:13:55: topic is for brokers alone", "site.yaml:14:9: limits is no group",
    ] { #expect(fault.message.contains(words), "\(words) in \(fault.message)") }
    #expect(fault.message.hasPrefix("site.yaml: 14 things are wrong:"), "\(fault.message)")
  }

  @Test("No secret stands in a blueprint, in no stage and under no key, and a refusal does not show it")
  func secrets() throws {
    let server = "servers: {main: {address: 'http://a'}}\n"
    for text in [
      "streams: {dock: {source: 'rtsp://admin:hunter2@camera/main'}}",
      "streams: {dock: {source: 'rtsp://hunter2@camera/main'}}",
      "streams: {dock: {source: 'http://camera/video?token=hunter2'}}",
      "targets: {t: {address: 'https://x/y', secret: hunter2}}",
      "targets: {t: {address: 'https://x/y?token=hunter2', secret: env:S}}",
      "targets: {t: {address: 'https://hunter2@x/y', secret: env:S}}",
      "targets: {t: {address: 'mqtts://x', user: a, password: hunter2}}",
      "store: postgres://ridley@db/ridley?password=hunter2", "store: postgres://db/x?a=1&ssl%70assword=hunter2",
      "store: postgres://ridley:ab/hunter2@db/ridley", "store: postgres://ridley:ab?hunter2@db/ridley",
      "store: postgres://ridley:hunter2@db/ridley", "stages: {a: {store: 'postgres://ridley:hunter2@db/ridley'}}",
      "render: {environment: [rk_hunter2hunter2hunter2hunter2]}",
      "store: 'https://rk_hunter2hunter2hunter2@centre:8443'",
    ] {
      let fault = try #require(throws: Fault.self, "\(text)") {
        try Blueprint.read(server + text, stage: text.hasPrefix("stages") ? "a" : nil)
      }
      #expect(fault.message.contains("site.yaml:2:") && fault.message.contains("secret"), "\(fault.message)")
      #expect(!fault.message.contains("hunter2"), "\(fault.message)")
    }
    for address in ["postgres://ridley@db:5432/x?sslmode=require", "redis://[fd00::1]:6379/0?password-file=/run/p"] {
      _ = try Blueprint.read(server + "render: {bus: '\(address)'}")
    }
    for text in ["key: env:", "key: 'file:'", "key: RIDLEY_KEY"] {
      #expect(throws: Fault.self, "\(text)") { try Blueprint.read("servers: {main: {address: 'http://a', \(text)}}") }
    }
  }

  @Test("What else is wrong is told beside the secrets")
  func besideSecrets() throws {
    let text =
      "servers: {main: {adress: 'http://a', key: rk_hunter2hunter2hunter2hunter2}}\nstreems: {}\nstore: 'postgres://r:hunter2@db/r'"
    let fault = try #require(throws: Fault.self) { try Blueprint.read(text) }
    for words in [
      "site.yaml:1:18: unknown key 'adress'", "key has a key of a server in it", "unknown key 'streems'",
      "store has a password in it",
    ] { #expect(fault.message.contains(words), "\(words) in \(fault.message)") }
    #expect(!fault.message.contains("hunter2") && !fault.message.contains("oncealed"), "\(fault.message)")
  }

  @Test("A server has one name, a model a whole one, and no stage is called as a document without stages")
  func names() throws {
    for (text, words) in [
      ("servers: {a: {address: 'http://A.example:80'}, b: {address: 'http://a.example/'}}", "b has the address of a"),
      ("servers: {a: {address: 'http://a'}}\nmodels: {'x/y': {aliases: {live: 1}}}", "'x/y' is no name of a model"),
      ("servers: {a: {address: 'http://a'}}\nstages: {default: {}}", "'default' stands for a document without stages"),
    ] {
      let stage = text.contains("stages") ? "default" : nil
      let fault = try #require(throws: Fault.self, "\(text)") { try Blueprint.read(text, stage: stage) }
      #expect(fault.kind == .badInput && fault.message.contains(words), "\(fault.message)")
    }
    _ = try Blueprint.read(
      "servers: {a: {address: 'http://a'}, b: {address: 'https://a'}, c: {address: 'http://a:81'}}")
  }

  @Test("Addresses without a secret are taken however they are written")
  func addresses() throws {
    for address in [
      "rtsp://camera", "RTSP://Camera/x", "rtsp://camera:554/a?channel=1", "http://camera/video?size=2",
      "film.mp4?loop=1",
      "/dev/video0", "udp://@239.0.0.1:5004", "rtsps://camera/x?a=1#key=sha256//QmFzZTY0",
    ] {
      let site = try Blueprint.read("servers: {a: {address: 'http://a'}}\nstreams: {s: {source: '\(address)'}}")
      #expect(site.things.first?.hidden["source"] == address)
    }
  }

  @Test(
    "What was published of other tools' overlays: null takes away, a group over nothing and over a value, lists whole")
  func overlays() throws {
    let text = """
      servers: {a: {address: "http://a"}}
      streams:
        empty: {source: a.mp4, clips: }
        list: {source: a.mp4}
      targets:
        t: {address: "mqtt://x", streams: [one, two], labels: [person]}
      stages:
        s:
          servers: {a: {address: "http://b"}, b: {address: "http://c"}}
          streams: {list: {source: {secret: file:x}}, empty: {server: a, clips: null}}
          targets: {t: {server: b, streams: [three]}}
          alerts: {new: {server: b, query: person}}
      """
    var site: Site?
    do throws(Fault) { site = try Blueprint.read(text, stage: "s") } catch {
      #expect(error.message == "site.yaml:4:9: the stream list needs a server: a or b, or a list of them")
    }
    #expect(site == nil)
    site = try Blueprint.read(text.replacing("list: {source: {", with: "list: {server: [a, b], source: {"), stage: "s")
    let things = try #require(site?.things)
    #expect(things.count == 5 && site?.servers.map(\.address) == ["http://b", "http://c"])
    let target = try #require(things.first { $0.key.kind == .target })
    #expect(target.fields["streams"] == #"["three"]"# && target.fields["labels"] == #"["person"]"#)
    #expect(target.fields["phases"] == #"["end","start"]"# && target.fields["topic"] == "\"ridley\"")
  }
}
