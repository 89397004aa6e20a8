extension KubernetesFiles {
  /// Servers that keep nothing.
  var server: YAMLText {
    head("Deployment", "ridley", "server") + """
        replicas: \(site.server.replicas)
        strategy:
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
        selector:
          matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
        template:

      """ + pod("server", serving, site.server, volume: true).indented(4)
  }

  /// One server that keeps what it has on a volume: the library, or live streams.
  func keeper(_ name: String, _ component: String) -> YAMLText {
    head("StatefulSet", name, component) + """
        serviceName: \(name)
        replicas: 1 # what it keeps is its own: a second one would know nothing of it
        selector:
          matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
        template:

      """ + pod(component, serving, site.server, volume: false).indented(4) + """
          volumeClaimTemplates:
            - metadata: { name: data }
              spec:
                accessModes: [ReadWriteOnce]
                resources: { requests: { storage: \(word: .mebibytes(site.server.disk)) } }

        """
  }

  var workers: YAMLText {
    head("Deployment", "ridley-workers", "worker") + """
        replicas: \(site.worker.replicas)
        selector:
          matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: worker }
        template:

      """
      + pod("worker", working("worker, --library, /data/library\(word: site.modelWords)"), site.worker, volume: true)
      .indented(4)
  }

  func head(_ kind: String, _ name: String, _ component: String) -> YAMLText {
    """
    apiVersion: apps/v1
    kind: \(kind)
    metadata:
      name: \(name)
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
    spec:

    """
  }

  /// The template of pods.
  ///
  /// `volume` gives them a disk that goes with the pod, and `ends` is for those that end by themselves.
  func pod(
    _ component: String, _ container: YAMLText, _ share: RenderedSite.Share, volume: Bool, ends: Bool = false
  ) -> YAMLText {
    var text: YAMLText = """
      metadata:
        labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
      spec:
        serviceAccountName: ridley
        automountServiceAccountToken: false
        enableServiceLinks: false # a Service called ridley would put RIDLEY_PORT and the like into the environment
        terminationGracePeriodSeconds: 40 # 5 s until no proxy sends anybody here, 30 s for what was accepted
        securityContext:
          runAsNonRoot: true
          runAsUser: 65534
          runAsGroup: 65534
          fsGroup: 65534
          seccompProfile: { type: RuntimeDefault }

      """
    text += ends ? "  restartPolicy: Never\n" : spread(component)
    text +=
      "  containers:\n" + container.indented(4) + resources(component, share, disk: volume).indented(6)
      + mounts(component).indented(6)
    text += "  volumes:\n"
    if volume {
      text += """
            # Copies of objects, compiled networks and uploads that are not whole yet; what is beyond the limit costs the pod.
            - name: data
              emptyDir: { sizeLimit: \(word: .mebibytes(share.disk)) }

        """
    }
    return text + """
          - name: tmp
            emptyDir: { medium: Memory, sizeLimit: 64Mi }

      """ + (component == "server" || component == "streams" ? settingsVolume : "")
  }

  private func spread(_ component: String) -> YAMLText {
    """
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }

    """
  }

  private var settingsVolume: YAMLText {
    """
        - name: settings
          configMap: { name: ridley-settings }

    """
  }

  /// A container of a server up to its resources.
  private var serving: YAMLText {
    """
    - name: ridley
      image: \(site.image)
      args: [serve, --config, /etc/ridley/ridley.yaml, --library, /data/library]
      ports:
        - { name: http, containerPort: 8080 }

    """ + addresses + (site.isShared ? noFirstKey : firstKey) + probes
  }

  /// A container that does tasks up to its resources; `words` are those of its command.
  ///
  /// No probes: nobody calls it, and a task that hangs is given up by the process that watches it.
  func working(_ words: YAMLText) -> YAMLText {
    """
    - name: ridley
      image: \(site.image)
      args: [
    """ + words + "]\n" + addresses
  }

  private var addresses: YAMLText {
    guard !site.variables.isEmpty else { return "" }
    return """
        envFrom:
          - secretRef: { name: ridley-addresses }

      """
  }

  private var noFirstKey: YAMLText {
    """
      env:
        - { name: RIDLEY_FIRST_KEY, value: "0" } # no key by itself: key/ makes the first one

    """
  }

  private var firstKey: YAMLText {
    """
      env:
        - { name: RIDLEY_FIRST_KEY, value: "1" } # makes a key for a day where there is none and shows it in the log; "0" to insist on one of yours

    """
  }

  private var probes: YAMLText {
    """
      # Only models decide of these: with PostgreSQL, the bucket or Redis away the pod stays, and answers 503 to what needs them.
      startupProbe: # a large model is compiled anew in a new pod
        httpGet: { path: /readyz, port: http }
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 150
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      livenessProbe: # a crash is not its business: the program starts its server again by itself
        httpGet: { path: /healthz, port: http }
        periodSeconds: 10
        timeoutSeconds: 6
        failureThreshold: 6
      lifecycle:
        preStop:
          sleep: { seconds: 5 } # needs no shell; Kubernetes 1.30 or newer

    """
  }

  /// Half of what a server may have is set aside for it, and all the cores of a worker, which is always at work on one.
  func resources(_ component: String, _ share: RenderedSite.Share, disk: Bool) -> YAMLText {
    let asked = ["server", "streams", "runtime"].contains(component) ? 0.5 : 1
    let most = disk ? share.disk + 4096 : 4096
    let (memory, least) = (String.mebibytes(share.memory), String.mebibytes(max(128, share.memory / 2)))
    return """
      resources: # the program sees its limits, and shares out what they leave: threads by processors, decoders by memory
        requests: { cpu: \(quoted: share.cpu(asked)), memory: \(word: least), ephemeral-storage: 1Gi }
        limits: { cpu: \(quoted: share.cpu()), memory: \(word: memory), ephemeral-storage: \(word: .mebibytes(most)) }
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }

      """
  }

  private func mounts(_ component: String) -> YAMLText {
    let settings: YAMLText =
      component == "server" || component == "streams"
      ? "  - { name: settings, mountPath: /etc/ridley, readOnly: true }\n" : ""
    return """
      volumeMounts:
        - { name: data, mountPath: /data }
        - { name: tmp, mountPath: /tmp }

      """ + settings
  }
}
