internal import Base

/// A site as objects of Kubernetes, put together by kustomize, which `kubectl` has built in.
struct KubernetesFiles {
  let site: RenderedSite

  init(_ site: RenderedSite) { self.site = site }

  /// Faults are `unsupported`.
  func files() throws(Fault) -> [RenderedFile] {
    try site.checkTasks()
    guard site.server.replicas > 0 else {
      throw Fault(.unsupported, "the site has no server ('server: {replicas: 0}'): kubernetes needs one that is asked")
    }
    var files = [
      RenderedFile("account.yaml", account), RenderedFile("network.yaml", network),
      RenderedFile("service.yaml", service),
      RenderedFile("server.yaml", site.isShared ? server : keeper("ridley", "server")), site.settingsFile,
      RenderedFile("kserve/kustomization.yaml", runtimeKustomization), RenderedFile("kserve/runtime.yaml", runtime),
    ]
    if site.server.replicas > 1 { files.append(RenderedFile("disruption.yaml", disruption)) }
    if let most = site.mostWorkers {
      files.append(RenderedFile("workers.yaml", scaledWorkers(most: most)))
    } else if site.isShared, site.worker.replicas > 0 {
      files.append(RenderedFile("workers.yaml", workers))
    }
    if site.isShared, site.watchesStreams {
      files.append(RenderedFile("streams.yaml", streamService + keeper("ridley-streams", "streams")))
    }
    let resources = files.map(\.path).filter { !$0.contains("/") && $0 != "ridley.yaml" }
    if !site.variables.isEmpty { files.append(RenderedFile("secret.example.yaml", secret)) }
    if site.isShared {
      files.append(RenderedFile("key/job.yaml", keyJob))
      files.append(RenderedFile("key/kustomization.yaml", keyKustomization))
    }
    return files + [RenderedFile("kustomization.yaml", kustomization(resources))]
  }

  private func kustomization(_ resources: [String]) -> YAMLText {
    var text: YAMLText = """
      # Rendered by 'ridley deploy render --to kubernetes' from a site: change that, and render again (docs/rendering.md).
      #   kubectl diff -k . ; kubectl apply -k .
      # What it wants first: the namespace\(word: site.variables.isEmpty ? "" : ", the addresses (secret.example.yaml)") and your own networks (network.yaml, 'networks' of the site).
      apiVersion: kustomize.config.k8s.io/v1beta1
      kind: Kustomization
      namespace: \(site.title)
      resources:

      """
    for path in resources.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { text += "  - \(path)\n" }
    return text + """
      configMapGenerator:
        - name: ridley-settings # its name ends with a digest of it, so other settings are other pods
          files: [ridley.yaml]

      """
  }

  private var account: YAMLText {
    """
    # It may do nothing, and pods are not even told how to ask.
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: ridley
      labels: { app.kubernetes.io/name: ridley }
    automountServiceAccountToken: false

    """
  }

  private var disruption: YAMLText {
    """
    # Nodes are emptied one server after the other. Workers need none: who ends gives its task back, and another does it.
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: ridley
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
    spec:
      minAvailable: \(site.server.replicas - 1)
      unhealthyPodEvictionPolicy: AlwaysAllow
      selector:
        matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }

    """
  }

  private var service: YAMLText {
    """
    apiVersion: v1
    kind: Service
    metadata:
      name: ridley
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
    spec:
      selector: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
      ports:
        - { name: http, port: 8080, targetPort: http }
      # An upload is with the server that it was begun at until it is whole. An ingress that picks pods by itself needs the same of its own kind.
      sessionAffinity: ClientIP
      sessionAffinityConfig:
        clientIP: { timeoutSeconds: 10800 }

    """
  }

  private var streamService: YAMLText {
    """
    # Live streams are of the server that they were added to, so they have one of their own: 'ridley deploy apply' asks this Service for them.
    apiVersion: v1
    kind: Service
    metadata:
      name: ridley-streams
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: streams }
    spec:
      selector: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: streams }
      ports:
        - { name: http, port: 8080, targetPort: http }
    ---

    """
  }

  private var secret: YAMLText {
    var text: YAMLText = """
      # The addresses, with the secrets in them. No kustomization has this file, so that applying one never writes placeholders over what is real:
      #   cp secret.example.yaml secret.yaml ; edit secret.yaml ; kubectl apply -n \(word: site.title) -f secret.yaml
      # Every REPLACE is to be replaced; keep secret.yaml out of git. In pods these are environment variables.
      apiVersion: v1
      kind: Secret
      metadata:
        name: ridley-addresses
        labels: { app.kubernetes.io/name: ridley }
      type: Opaque
      stringData:

      """
    for variable in site.variables {
      let hint = variable.wanted == variable.name ? "" : " # what \(variable.wanted) holds"
      text +=
        variable.plain.map { "  \(word: variable.name): \(quoted: $0)\n" }
        ?? "  \(word: variable.name): REPLACE\(word: hint)\n"
    }
    if site.isShared { text += "  # RIDLEY_S3_ENDPOINT: https://REPLACE-HOST # where the bucket is not Amazon's\n" }
    return site.mostWorkers == nil ? text : text + backlogKey
  }

  private var backlogKey: YAMLText {
    """
    ---
    # A key that may read, with which KEDA asks how much there is to do (key/ makes one).
    apiVersion: v1
    kind: Secret
    metadata:
      name: ridley-backlog-key
      labels: { app.kubernetes.io/name: ridley }
    type: Opaque
    stringData:
      key: REPLACE

    """
  }
}
