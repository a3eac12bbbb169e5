import { expect, test } from 'vitest';
import { eventOf } from './engine-streams.ts';

test('an event of a network names the container that it is about', () => {
  const line = JSON.stringify({
    Type: 'network',
    Action: 'disconnect',
    Actor: { ID: 'n-1', Attributes: { container: 'c-1', name: 'shop_redis', type: 'bridge' } },
  });
  expect(eventOf(line)).toMatchObject({ container: 'c-1', action: 'network disconnect' });
});

test('what the engine says that is no event of a container is passed over', () => {
  expect(eventOf('{"Type":"container","Action":"die","Actor":{"ID":"c-1"}}')).toEqual({
    container: 'c-1',
    action: 'die',
    attributes: {},
  });
  for (const line of ['', 'no JSON', '{"Type":"network","Action":"create","Actor":{"ID":"n"}}']) {
    expect(eventOf(line)).toBeUndefined();
  }
});
