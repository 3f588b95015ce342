import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment on a pull request, as far as it matters here. */
export interface Comment {
  id: number;
  body: string;
  user: { type: "Bot" | "User" };
}

/** A server that plays the part of GitHub's API that is about comments. */
export interface CommentsApi {
  url: string;
  comments: Comment[];
  /** What was asked for, but for the pages of the list. */
  requests: string[];
  stop(): Promise<void>;
}

/**
 * Starts one, for the pull request 7 of owner/scratch. It gives out two comments a page, whatever is asked for.
 * https://docs.github.com/en/rest/issues/comments
 */
export async function startCommentsApi(): Promise<CommentsApi> {
  const comments: Comment[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const { body } = (text === "" ? {} : JSON.parse(text)) as { body?: string };
      const target = new URL(request.url ?? "", "http://localhost");
      const answer = (status: number, value: unknown, headers: Record<string, string> = {}) =>
        response
          .writeHead(status, { "content-type": "application/json", ...headers })
          .end(JSON.stringify(value));
      const list = "/repos/owner/scratch/issues/7/comments";
      const id = Number(/^\/repos\/owner\/scratch\/issues\/comments\/(\d+)$/.exec(target.pathname)?.[1]);
      if (request.method === "GET" && target.pathname === list) {
        const page = Number(target.searchParams.get("page") ?? "1");
        const next = `<http://${request.headers.host}${list}?page=${page + 1}>; rel="next"`;
        const more = comments.length > page * 2;
        return answer(200, comments.slice((page - 1) * 2, page * 2), more ? { link: next } : {});
      }
      requests.push(`${request.method} ${target.pathname}`);
      const comment = comments.find((each) => each.id === id);
      if (request.method === "POST" && target.pathname === list && body !== undefined) {
        const made: Comment = { id: 100 + comments.length, body, user: { type: "Bot" } };
        comments.push(made);
        return answer(201, made);
      }
      if (request.method === "PATCH" && comment !== undefined && body !== undefined) {
        comment.body = body;
        return answer(200, comment);
      }
      return answer(404, { message: "Not Found" });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    requests,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
