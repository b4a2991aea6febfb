"""Every call the panel makes to read; what it writes stands in the registry of actions. A test keeps this whole."""

READS = tuple(
    line.strip()
    for line in """
    GET /auth/currentCredential
    GET /auth/time
    GET /domain/zone
    GET /hosting/web
    GET /hosting/web/offerCapabilities
    GET /hosting/web/{serviceName}
    GET /hosting/web/{serviceName}/abuseState
    GET /hosting/web/{serviceName}/attachedDomain
    GET /hosting/web/{serviceName}/attachedDomain/{domain}
    GET /hosting/web/{serviceName}/attachedDomain/{domain}/digStatus
    GET /hosting/web/{serviceName}/attachedDomain/{domain}/ssl
    GET /hosting/web/{serviceName}/attachedDomain/{domain}/ssl/report
    GET /hosting/web/{serviceName}/database
    GET /hosting/web/{serviceName}/database/{name}
    GET /hosting/web/{serviceName}/database/{name}/capabilities
    GET /hosting/web/{serviceName}/database/{name}/copy
    GET /hosting/web/{serviceName}/database/{name}/copy/{id}
    GET /hosting/web/{serviceName}/database/{name}/dump
    GET /hosting/web/{serviceName}/database/{name}/dump/{id}
    GET /hosting/web/{serviceName}/database/{name}/statistics
    GET /hosting/web/{serviceName}/databaseAvailableType
    GET /hosting/web/{serviceName}/databaseAvailableVersion
    GET /hosting/web/{serviceName}/databaseCreationCapabilities
    GET /hosting/web/{serviceName}/dump
    GET /hosting/web/{serviceName}/dump/{id}
    GET /hosting/web/{serviceName}/module
    GET /hosting/web/{serviceName}/module/{id}
    GET /hosting/web/{serviceName}/runtime
    GET /hosting/web/{serviceName}/runtime/{id}
    GET /hosting/web/{serviceName}/serviceInfos
    GET /hosting/web/{serviceName}/ssl
    GET /hosting/web/{serviceName}/ssl/domains
    GET /hosting/web/{serviceName}/ssl/report
    GET /hosting/web/{serviceName}/statistics
    GET /hosting/web/{serviceName}/tasks
    GET /hosting/web/{serviceName}/tasks/{id}
    GET /hosting/web/{serviceName}/token
    GET /hosting/web/{serviceName}/user
    GET /hosting/web/{serviceName}/user/{login}
    GET /me
    """.splitlines()
    if line.strip()
)
# What is written beside the actions, with the fields of its body.
WRITES = {
    "POST /auth/credential": ("accessRules", "redirection"),
    "POST /me/document": ("name", "tags"),
}
