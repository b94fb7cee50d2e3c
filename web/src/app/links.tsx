import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Html = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'style'> & { readonly ref?: Ref<HTMLAnchorElement> };

// Mantine's links as the router's: where they lead is typed by the routes.
export const AnchorLink = createLink((props: Html & Omit<AnchorProps, 'href'>) => <Anchor {...props} />);
export const ButtonLink = createLink((props: Html & Omit<ButtonProps, 'href'>) => <Button component="a" {...props} />);
export const MenuLink = createLink((props: Html & Omit<NavLinkProps, 'href'>) => <NavLink {...props} />);
