internal import Base

/// A site as services of Compose on one machine: a server, workers where the library is shared, and no database of its own.
struct ComposeFiles {
  private let site: RenderedSite

  init(_ site: RenderedSite) { self.site = site }

  func files() throws(Fault) -> [RenderedFile] {
    try site.checkTasks()
    guard site.server.replicas == 1 else {
      throw Fault(
        .unsupported,
        "compose runs one server on one machine, and the site has \(site.server.replicas): render it for kubernetes, or say 'server: {replicas: 1}' at this stage"
      )
    }
    if let most = site.mostWorkers {
      throw Fault(
        .unsupported,
        "compose does not count workers by what there is to do ('most: \(most)'): render it for kubernetes, or leave 'most' out at this stage"
      )
    }
    var text = head + environment + logging + server
    if site.isShared {
      if site.worker.replicas > 0 { text += worker }
      text += key
    }
    text += end
    return [RenderedFile("compose.yaml", text), site.settingsFile]
  }

  private var head: YAMLText {
    let names = site.variables.filter { $0.plain == nil }.map(\.wanted)
    let wanted: YAMLText =
      names.isEmpty
      ? "" : "# Wants in its environment, or in .env beside it: \(word: names.joined(separator: ", ")).\n"
    return """
      # Rendered by 'ridley deploy render --to compose' from a site: change that, and render again (docs/rendering.md).
      #   docker compose up --detach ; docker compose logs

      """ + wanted + """
        name: \(site.title)

        # What all of ridley's containers are: nobody, on a root that cannot be written.
        x-ridley: &ridley
          image: \(site.image)
          pull_policy: missing
          user: "65534:65534"
          read_only: true
          tmpfs: ["/tmp:size=64m,mode=1777"]
          cap_drop: [ALL]
          security_opt: ["no-new-privileges:true"]
          pids_limit: 1024 # threads count too
          stop_grace_period: 40s # accepted requests have 30 s to end
          restart: unless-stopped

        """
  }

  /// Addresses by reference; without a library that is shared a first key for a day, which the log shows.
  private var environment: YAMLText {
    var text: YAMLText =
      site.variables.isEmpty
      ? "  environment:\n"
      : "  environment: # 'docker inspect' shows them to whoever may use docker, who is root anyway\n"
    for variable in site.variables {
      text +=
        variable.plain.map { "    \(word: variable.name): \(quoted: $0.replacing("$", with: "$$"))\n" }
        ?? "    \(word: variable.name): ${\(word: variable.wanted):?}\n"
    }
    guard site.isShared else {
      return text + """
            RIDLEY_FIRST_KEY: "1" # makes a key for a day where there is none and shows it in the log; "0" to insist on one of yours

        """
    }
    return text + """
          # RIDLEY_S3_ENDPOINT: https://… # where the bucket is not Amazon's
          RIDLEY_FIRST_KEY: "0" # no key by itself: the service 'key' makes the first one

      """
  }

  private var logging: YAMLText {
    """
      logging: # one line a start or fault; with --access-log - one a request
        driver: json-file
        options: { max-size: 10m, max-file: "3" }

    services:

    """
  }

  private var server: YAMLText {
    """
      server:
        <<: *ridley
        command: [serve, --config, /etc/ridley/ridley.yaml, --library, /data/library]
        ports: ["127.0.0.1:8080:8080"] # without 127.0.0.1 other machines reach it: put TLS in front (docs/deploying.md)
        configs: [{ source: settings, target: /etc/ridley/ridley.yaml }]
        volumes: ["data:/data"] # keys, uploads that are not whole yet, copies, compiled networks
        mem_limit: \(word: "\(site.server.memory)m")
        cpus: \(word: site.server.coresText)
        healthcheck:
          test: [CMD, /usr/bin/ridley, health]
          interval: 10s
          timeout: 6s
          start_period: 60s # large models take longer to compile the first time
          retries: 3


    """
  }

  private var worker: YAMLText {
    """
      worker:
        <<: *ridley
        command: [worker, --library, /data/library\(word: site.modelWords)]
        volumes: ["/data"] # one each: what is lost with it is fetched again
        mem_limit: \(word: "\(site.worker.memory)m")
        cpus: \(word: site.worker.coresText)
        healthcheck: { disable: true } # the image's asks a server, which this is not; a task that hangs is given up by the worker's own watcher
        deploy: { replicas: \(site.worker.replicas) }


    """
  }

  private var key: YAMLText {
    """
      key: # once: docker compose run --rm key
        <<: *ridley
        profiles: [key] # only when it is asked for
        command: [key, create, --client, ops, --scope, admin, --expires, 90d, --library, /data/library]
        volumes: ["/data"]
        restart: "no"
        mem_limit: 512m
        cpus: 1
        healthcheck: { disable: true }


    """
  }

  private var end: YAMLText {
    """
    configs:
      settings: { file: ./ridley.yaml }

    volumes:
      data: {}

    """
  }
}
