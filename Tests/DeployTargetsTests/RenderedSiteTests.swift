import Base
import DeployTargets
import Testing
import YAML

struct RenderedSiteTests {
  @Test(arguments: [
    ("name: Line", "'Line' cannot be name"), ("name: a_b", "'a_b' cannot be name"),
    ("name: \"a\\nb\"", "cannot be name"), ("image: ridley", "so what runs would change by itself"),
    ("image: \"ridley:1\\nuser: root\"", "is no name of an image"),
    ("image: \"ridley:${TAG}\"", "is no name of an image"),
  ])
  func `a name or an image that a platform would not take is refused`(_ one: (line: String, words: String)) {
    let other = one.line.hasPrefix("name") ? "image: ridley:1" : "name: site"
    do throws(Fault) {
      _ = try RenderedSites.read("render:\n  \(one.line)\n  \(other)\n  server: {replicas: 1}\n")
      #expect(Bool(false), "\(one.line) was taken")
    } catch {
      #expect(error.message.hasPrefix("site.yaml:2:") && error.message.contains(one.words), "\(error.message)")
    }
  }

  @Test(arguments: [
    ("server: {replicas: 2}", "2 servers need a library that they share"),
    ("worker: {replicas: 257}", "257 workers need a library that they share"),
    ("server: {replicas: 1, cpus: 2}", "unknown key 'cpus'"),
    ("server: {replicas: 1, memory: 1MiB}", "out of range for memory"),
    ("store: postgres://u:p@db/x\nobjects: s3://b/c", "has a password in it"),
    ("store: postgres://ridley@db/x?password=hunter2\nobjects: s3://b/c", "has a password in it"),
    ("store: postgres://db/x?a=1&sslpassword=p\nobjects: s3://b/c", "has a password in it"),
    ("store: postgres://u:ab/cd@db/x\nobjects: s3://b/c", "has a password in it"),
    ("store: {secret: file:/run/x}\nobjects: s3://b/c", "expected env:NAME"),
    ("store: {secret: \"env:A}\\n\"}\nobjects: s3://b/c", "expected env:NAME"),
    ("store: {secret: env:STORE}\nobjects: \"s3://b/{{resolve:ssm:x}}\"", "no address for objects"),
    ("store: mysql://db\nobjects: s3://b/c", "no address for store"),
    ("store: {secret: env:STORE}", "the key 'objects' is missing"),
    ("objects: s3://b/c\nserver: {replicas: 1}", "the key 'store' is missing"),
    ("server: {replicas: 1}\nworker: {most: 3}", "workers that come and go"),
    ("networks: {store: 10.1.0.0}", "no range of addresses"),
    ("networks: {store: 10.1.0.256/8}", "no range of addresses"),
    ("networks: {callers: \"a: b\"}", "cannot be callers"), ("function: {memory: 512MiB}", "out of range for memory"),
    ("costs: {machine: m}", "the key 'prices' is missing"),
    ("costs: {prices: p, machine: m}", "the key 'pipelines' is missing"),
    ("costs: {prices: p, machine: m, pipelines: x, video: {size: 1x}}", "no size of a picture"),
  ])
  func `what is wrong is told with its place and the way out`(_ one: (render: String, words: String)) {
    let said = RenderedSites.refusal(one.render)
    #expect(said.contains("site.yaml:") && said.contains(one.words), "\(said)")
  }

  @Test(arguments: [
    ("models: models", "'models' is no place in an image"), ("models: \"/a b\"", "is no place in an image"),
    ("films: [/films, more]", "'more' is no place in an image"), ("trust: [a.pem]", "'a.pem' is no place in an image"),
    ("log: {access: a.log}", "'a.log' is no place in an image"),
    ("telemetry: {endpoint: 'http://c', headers-file: h}", "'h' is no place in an image"),
    ("telemetry: {endpoint: 'http://c', headers-environment: 'a}'}", "'a}' cannot be headers-environment"),
    ("listen: 127.0.0.1:80", "'listen' is decided by what is rendered"),
    ("tls: {certificate: a, key: b}", "'tls' is decided by what is rendered"),
  ])
  func `a setting that no container can keep is refused`(_ one: (line: String, words: String)) {
    #expect(RenderedSites.refusal("server: {replicas: 1}", one.line).contains(one.words))
  }

  @Test func `secrets of settings are variables that containers are given`() throws {
    let others = "telemetry: {endpoint: 'http://c', headers-environment: OTEL_HEADERS}\nlog: {access: on}"
    for store in ["", RenderedSites.shared] {
      let site = try RenderedSites.site(store + "server: {replicas: 1}", others)
      let compose = try RenderTarget.compose.files(for: site)[0].text
      #expect(compose.contains("    OTEL_HEADERS: ${OTEL_HEADERS:?}\n"), "\(compose)")
      let files = try RenderTarget.kubernetes.files(for: site)
      let secret = try #require(files.first { $0.path == "secret.example.yaml" }).text
      #expect(secret.contains("\n  OTEL_HEADERS: REPLACE\n"), "\(secret)")
      #expect(files.first { $0.path == "server.yaml" }?.text.contains("secretRef: { name: ridley-addresses }") == true)
    }
  }

  @Test func `where models and pipelines are things, the image's folders stand in the group`() throws {
    let site = try RenderedSites.site(
      "server: {replicas: 1}\nmodels: /models\npipelines: /lines", "models: {a: {aliases: {live: 1}}}\npipelines: /else"
    )
    let settings = try RenderTarget.compose.files(for: site)[1].text
    #expect(settings.hasSuffix("models: /models\npipelines: /lines\n"), "\(settings)")
    #expect(RenderedSites.refusal("server: {replicas: 1}\nmodels: m").contains("'m' is no place in an image"))
    #expect(
      RenderedSites.refusal("", "models: {a: {aliases: {live: 1}}}").contains("servers have no folder of models"))
  }

  @Test func `everything that is wrong is told at once`() {
    let said = RenderedSites.refusal("server: {replicas: 2, cores: x}\nnetworks: {bus: y}", "models: z")
    #expect(said.contains("4 things are wrong"), "\(said)")
  }

  @Test func `a name and an image are enough for one server, and Compose has one`() throws {
    let site = try RenderedSites.site()
    #expect(site.server.replicas == 1)
    for target in [RenderTarget.compose, .kubernetes] { #expect(try !target.files(for: site).isEmpty) }
    let shared = try RenderedSites.site(RenderedSites.shared)
    #expect(try !RenderTarget.compose.files(for: shared).isEmpty && shared.server.replicas == 2)
  }

  @Test func `addresses may stand beside, as servers read them`() throws {
    let site = try RenderedSites.site("", "store: postgres://ridley@db/ridley\nobjects: s3://media/films")
    #expect(site.store == .plain("postgres://ridley@db/ridley") && site.objects == .plain("s3://media/films"))
    #expect(site.settings.isEmpty && site.isShared)
  }

  @Test func `what servers are told of while they run is not what they are started with`() throws {
    let things = """
      streams: {dock: {source: a, model: b}}
      targets: {alarm: {address: "https://example.com", secret: env:ALARM}}
      models: {a: {aliases: {live: 1}}}
      pipelines: {dock: {file: dock.yaml}}
      limits: {body: 1MiB}
      registry: true
      """
    let site = try RenderedSites.site("server: {replicas: 1}", things)
    #expect(site.settings.map(\.key) == ["limits", "registry"] && site.watchesStreams)
  }

  @Test func `streams are watched where there are some, and by nobody at a stage that has none`() throws {
    #expect(try RenderedSites.named("media", "staging").watchesStreams)
    #expect(try !RenderedSites.named("media", "dev").watchesStreams)
    #expect(try RenderedSites.named("media", "staging").mostWorkers == 40)
    #expect(try RenderedSites.named("media", "dev").mostWorkers == nil)
  }

  @Test func `a stage whose name no platform takes is refused`() {
    let text = "render: {name: site, image: 'ridley:1', server: {replicas: 1}}\nstages: {Dev_1: }\n"
    do throws(Fault) {
      _ = try RenderedSites.read(text, stage: "Dev_1")
      #expect(Bool(false), "it was taken")
    } catch { #expect(error.message.contains("the stage 'Dev_1' cannot be rendered")) }
  }
}
