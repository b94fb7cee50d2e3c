import type { Server } from 'node:tls';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { answerHeaders } from '../http_headers.ts';
import { checkPortIsFree } from '../listen.ts';
import { tlsFolder } from './config_tls.ts';
import { openCertificateFiles } from './files.ts';
import type { Certificates } from './pair.ts';
import { openPlainHttp } from './plain_http.ts';
import { serveCertificates } from './serving.ts';

export interface Tls {
  readonly certificates: Certificates;
  /** From now on `servers` answer with the certificate of the moment. */
  serve(servers: readonly Server[]): void;
  close(): void;
}

export type TlsOptions = {
  readonly config: Config;
  readonly log: Logger;
  /** The address to which plain HTTP sends people. */
  target(): string;
};

/** Opens the port of plain HTTP where there is to be one, and gets the certificate; undefined where TLS is off. */
export async function openTls({ config, log, target }: TlsOptions): Promise<Tls | undefined> {
  const { httpPort, listen } = config;
  const undo: (() => void)[] = [];
  const close = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  const challenges = new Map<string, string>();
  try {
    if (httpPort !== undefined) {
      const addresses = await checkPortIsFree(listen.host, httpPort, 'MAESTRO_HTTP_PORT');
      const headers = await answerHeaders();
      const http = await openPlainHttp({ addresses, port: httpPort, headers, target, challenges });
      undo.push(http.close);
    }
    const certificates = await openCertificates(config, challenges, log.child({ part: 'tls' }));
    if (certificates === undefined) return undefined;
    undo.push(certificates.close);
    return {
      certificates,
      serve(servers) {
        undo.push(serveCertificates(servers, certificates).close);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** What makes certificates is loaded where it is used. */
async function openCertificates(
  { tls, dataDir }: Config,
  challenges: Map<string, string>,
  log: Logger,
): Promise<Certificates | undefined> {
  switch (tls.kind) {
    case 'off':
      return undefined;
    case 'files':
      return openCertificateFiles({ ...tls, log });
    case 'self-signed': {
      const { openSelfSigned } = await import('./self_signed.ts');
      return openSelfSigned({ ...tls, folder: tlsFolder(dataDir), log });
    }
    case 'acme': {
      const { openAcme } = await import('./acme.ts');
      return openAcme({ ...tls, folder: tlsFolder(dataDir), challenges, log });
    }
  }
}
